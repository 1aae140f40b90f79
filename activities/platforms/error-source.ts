import type { Sample, Target, UnreadLines, WatchPlan } from '../../domain/deploy/plan.ts';

export type ErrorSource = {
  /**
   * Returns the errors, and the requests or seconds, since the last sample. The numbers are the sum
   * of all hosts or sites. Returns null if a host or site had no data.
   */
  sample(): Promise<Sample['log']>;
  /**
   * Returns the age of the newest numbers in milliseconds. Without `lagMs`, the age is always 0.
   */
  lagMs?(): number;
  /** Returns the unreadable lines of the last sample, or undefined if every line was read. */
  unread?(): UnreadLines | undefined;
  close(): void;
};

export type ErrorSourceInput<T extends Target = Target> = {
  target: T;
  watch: Pick<WatchPlan, 'accessLog'>;
  /**
   * Returns the time in milliseconds since the newest sample that existed before this source was
   * created. If there is no such sample, returns the time since the start of the watch.
   */
  agoMs: () => number;
  /** Start of the watch in epoch milliseconds. */
  startedAt: number;
  /** The sum of errors and the sum of requests, in the samples before this source was created. */
  counted: [number, number];
  signal?: AbortSignal | undefined;
};
