import type { Look } from '../plan.ts';
import { longestGap, widestGap } from './blindness.ts';

/** Fewer looks than this share of the plan prove little: the window is extended, never judged early. */
const enough = 0.8;
/** … but not for ever: a question to a person comes at the latest after this many windows. */
const mostWindows = 4;

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
  return looks.length >= plannedLooks * enough && widestGap(looks) <= longestGap;
}
