import type { Look } from '../plan.ts';
import { longestGap, widestGap } from './blindness.ts';

/** Fewer looks than this share of the plan prove little: the window is extended, never judged early. */
const enough = 0.8;
/** … but not for ever: a question to a person comes at the latest after this many windows. */
const mostWindows = 4;
/** Numbers that come late are waited for, at most this part of a window. */
const mostLag = 0.5;

export type WatchClock = {
  /** Epoch ms. */
  startedAt: number;
  now: number;
  windowMs: number;
  plannedLooks: number;
  looks: readonly Look[];
};

/**
 * True once the window is over and the looks it was planned with were taken, late ones included. A watch that
 * nobody kept for more than half of its time, as while worker or server are down, goes on.
 */
export function windowIsOver({
  startedAt,
  now,
  windowMs,
  plannedLooks,
  looks,
}: WatchClock): boolean {
  const watched = now - startedAt;
  if (watched < windowMs) return false;
  if (watched >= mostWindows * windowMs) return true;
  if (isUntold(looks, windowMs) && watched < (1 + mostLag) * windowMs) return false;
  return looks.length >= plannedLooks * enough && widestGap(looks) <= longestGap;
}

/** The newest numbers end before the window does. */
function isUntold(looks: readonly Look[], windowMs: number): boolean {
  const { at = 0, lag } = looks.findLast(({ log }) => log !== null) ?? {};
  return lag !== undefined && at - lag < windowMs;
}
