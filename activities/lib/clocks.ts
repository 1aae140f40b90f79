/**
 * The clocks of a worker, in milliseconds. The monotonic clock never jumps, but it stands still
 * while a laptop sleeps. The wall clock goes on, and somebody may set it. Tests replace both.
 */
export const clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * The time in epoch milliseconds, also after somebody has set the wall clock back since the start of
 * the process.
 */
export const latestNow = (): number =>
  Math.max(clocks.wall(), performance.timeOrigin + clocks.monotonic());

/** The time for a duration, in milliseconds since an unknown moment. It never jumps. */
export const steadyNow = (): number => clocks.monotonic();
