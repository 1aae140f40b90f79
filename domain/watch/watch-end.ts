import type { Sample } from '../deploy/plan.ts';
import { longestGap, widestGap } from './missing-data.ts';

/**
 * The watch needs at least this share of the planned samples. With fewer samples, the window is
 * extended.
 */
const enough = 0.8;
/** The longest time of a watch, as a number of windows. */
const mostWindows = 4;
/** The longest extra time to wait for late log counts, as a share of the window. */
const mostLag = 0.5;

export type WatchClock = {
  /** Epoch ms. */
  startedAt: number;
  now: number;
  windowMs: number;
  plannedSamples: number;
  samples: readonly Sample[];
};

/**
 * Returns true if the watch ends: the window is over, there are enough samples, and late log counts
 * have arrived. If no sample was taken for more than half of the time, for example because the
 * worker was down, the watch continues. After `mostWindows` windows, the watch always ends.
 */
export function windowIsOver({
  startedAt,
  now,
  windowMs,
  plannedSamples,
  samples,
}: WatchClock): boolean {
  const watched = now - startedAt;
  if (watched < windowMs) return false;
  if (watched >= mostWindows * windowMs) return true;
  if (isUntold(samples, windowMs) && watched < (1 + mostLag) * windowMs) return false;
  return samples.length >= plannedSamples * enough && widestGap(samples) <= longestGap;
}

/** Returns true if the newest log counts do not reach to the end of the window. */
function isUntold(samples: readonly Sample[], windowMs: number): boolean {
  const { at = 0, lag } = samples.findLast(({ log }) => log !== null) ?? {};
  return lag !== undefined && at - lag < windowMs;
}
