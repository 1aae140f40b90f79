import type { Look } from '../plan.ts';

/**
 * More than this share of the looks without an answer, or of the time in one gap between looks, is
 * blind.
 */
const mostBlind = 0.2;
export const longestGap = 0.5;
/** As many of the newest looks without an answer are blind too: nobody knows how it is now. */
const lastLooks = 6;

/**
 * Why a source saw too little to prove health; null = it saw enough. `saw` tells whether one look
 * answered.
 */
export function blindness(looks: readonly Look[], saw: (look: Look) => boolean): string | null {
  if (looks.length === 0) return 'no look was taken';
  const unseen = looks.filter((look) => !saw(look)).length;
  if (unseen > mostBlind * looks.length)
    return `no answer on ${unseen} of ${looks.length} looks (at most 20 % may be missing)`;
  const newest = looks.slice(-lastLooks);
  if (newest.length === lastLooks && !newest.some(saw))
    return `no answer on the last ${lastLooks} looks`;
  const gap = widestGap(looks);
  return gap > longestGap
    ? `no look was taken during ${Math.round(gap * 100)} % of the time (at most 50 %)`
    : null;
}

/** The longest time without a look, as a share of the time watched so far. */
export function widestGap(looks: readonly Look[]): number {
  const span = looks.at(-1)?.at ?? 0;
  if (looks.length < 2 || !(span > 0)) return 0;
  const gaps = looks.map(({ at }, i) => at - (looks[i - 1]?.at ?? 0));
  return Math.max(...gaps) / span;
}
