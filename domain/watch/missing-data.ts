import type { Sample } from '../deploy/plan.ts';

/** If more than this share of the samples has no answer, the source has no data. */
const mostMissing = 0.2;
/** If one gap between samples covers more than this share of the time, the source has no data. */
export const longestGap = 0.5;
/**
 * If this many newest samples have no answer, nobody knows the current state. Then the source has
 * no data.
 */
const lastSamples = 6;

/**
 * Returns the reason why a source has too little data to prove health; null = the source has enough
 * data. `saw` returns true if a sample has an answer from the source.
 */
export function missingData(
  samples: readonly Sample[],
  saw: (sample: Sample) => boolean,
): string | null {
  if (samples.length === 0) return 'no sample was taken';
  const unseen = samples.filter((sample) => !saw(sample)).length;
  if (unseen > mostMissing * samples.length)
    return `no answer on ${unseen} of ${samples.length} samples (at most 20 % may be missing)`;
  const newest = samples.slice(-lastSamples);
  if (newest.length === lastSamples && !newest.some(saw))
    return `no answer on the last ${lastSamples} samples`;
  const gap = widestGap(samples);
  return gap > longestGap
    ? `no sample was taken during ${Math.round(gap * 100)} % of the time (at most 50 %)`
    : null;
}

/** Returns the longest time without a sample, as a share of the time watched so far. */
export function widestGap(samples: readonly Sample[]): number {
  const span = samples.at(-1)?.at ?? 0;
  if (samples.length < 2 || !(span > 0)) return 0;
  const gaps = samples.map(({ at }, i) => at - (samples[i - 1]?.at ?? 0));
  return Math.max(...gaps) / span;
}
