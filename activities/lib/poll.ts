import { steadyNow } from './clocks.ts';

type Pace = {
  /** Waits before the next read. `reads` is the number of reads so far. */
  pause(reads: number): Promise<unknown>;
  /**
   * The time limit, in milliseconds of the clock `now` (default: `steadyNow`). No read follows a
   * read that ends after this time. Without `until`, there is no limit.
   */
  until?: number;
  now?: () => number;
  /** Makes the error after the time limit. */
  late?: () => Error | Promise<Error>;
};

/**
 * Calls `read` until the result is not undefined, and returns this result. After the time limit,
 * throws the error that `late` makes. Also throws the errors of `read`, `pause` and `late`.
 */
export async function poll<T>(
  {
    pause,
    until = Infinity,
    now = steadyNow,
    late = () => new Error('nothing was found in time'),
  }: Pace,
  read: () => Promise<T | undefined>,
): Promise<T> {
  for (let reads = 1; ; reads += 1) {
    const found = await read();
    if (found !== undefined) return found;
    if (now() >= until) throw await late();
    await pause(reads);
  }
}
