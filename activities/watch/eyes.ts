import type { Look, Target, WatchPlan } from '../../domain/plan.ts';

export type Eyes = {
  /** Errors and requests (or seconds) since the look before, over all places; null = one of them was blind. */
  look(): Promise<Look['log']>;
  /** How far behind the newest numbers are, in milliseconds; absent = they are of now. */
  lagMs?(): number;
  close(): void;
};

export type EyesOn<T extends Target = Target> = {
  target: T;
  watch: Pick<WatchPlan, 'accessLog'>;
  /** How long ago the newest look of earlier segments was, in milliseconds. */
  agoMs: () => number;
  /** Epoch milliseconds: the begin of the whole watch, and what its looks counted before these eyes opened. */
  startedAt: number;
  counted: [number, number];
  signal?: AbortSignal | undefined;
};
