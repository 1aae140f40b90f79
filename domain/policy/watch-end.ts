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
  looks: number;
};

/** True once the window is over and the looks it was planned with were taken, late ones included. */
export function windowIsOver(clock: WatchClock): boolean {
  const watched = clock.now - clock.startedAt;
  if (watched < clock.windowMs) return false;
  return clock.looks >= clock.plannedLooks * enough || watched >= mostWindows * clock.windowMs;
}
