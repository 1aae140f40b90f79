import type { Look, Target, WatchPlan } from '../../domain/plan.ts';

export type Eyes = {
  /** Errors and requests (or seconds) since the look before, over all places; null = one of them was blind. */
  look(): Promise<Look['log']>;
  close(): void;
};

export type EyesOn<T extends Target = Target> = {
  target: T;
  watch: Pick<WatchPlan, 'accessLog'>;
  /** How long ago the newest look of earlier segments was, in milliseconds. */
  agoMs: () => number;
  signal?: AbortSignal | undefined;
};
