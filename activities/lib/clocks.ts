/**
 * The clocks of a worker, in milliseconds. The monotonic clock never jumps, but it stands still
 * while a laptop sleeps. The wall clock goes on, and somebody may set it. Tests replace both.
 */
export const clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * Returns the time in epoch milliseconds. The time never goes back, even if somebody sets the wall
 * clock back after the start of the process.
 */
export const latestNow = (): number =>
  Math.max(clocks.wall(), performance.timeOrigin + clocks.monotonic());

/**
 * Returns a time from which durations can be computed, in milliseconds since an unknown moment. The
 * time never jumps.
 */
export const steadyNow = (): number => clocks.monotonic();
