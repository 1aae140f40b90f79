type Pace = {
  /** Waits until the next read. `reads`: number of reads so far. */
  pause(reads: number): Promise<unknown>;
  /**
   * Time limit in epoch ms; absent = no limit. If a read ends after this time and finds nothing, no
   * further read is made.
   */
  until?: number;
  now?: () => number;
  /** Makes the error that is thrown after the last read. */
  late?: () => Error | Promise<Error>;
};

/**
 * Calls `look` until the result is not undefined, and returns this result. After the time limit,
 * throws the error that `late` makes. Also throws the errors of `look`, `pause` and `late`.
 */
export async function poll<T>(
  {
    pause,
    until = Infinity,
    now = Date.now,
    late = () => new Error('nothing was found in time'),
  }: Pace,
  look: () => Promise<T | undefined>,
): Promise<T> {
  for (let reads = 1; ; reads += 1) {
    const found = await look();
    if (found !== undefined) return found;
    if (now() >= until) throw await late();
    await pause(reads);
  }
}
