import type { Counts } from './rate-ratio.ts';

export type Dispersion = { phi: number; tau: number };

/**
 * The values for a history that is too short to measure. `phi` 1 means that errors do not come in
 * bursts. `tau` 0.15 means that the error rate may differ by 15 % between windows.
 */
export const unmeasuredDispersion: Dispersion = { phi: 1, tau: 0.15 };

/**
 * The largest phi and tau that `judgeRatio` accepts. With larger values, the baseline would have no
 * influence.
 */
export const mostPhi = 1e9;
export const mostTau = 1e6;

/**
 * Returns Pearson's chi² of the buckets against one common rate, divided by the degrees of freedom.
 */
function pearson(buckets: readonly Counts[], rate: number): number {
  const busy = buckets.filter(({ requests }) => rate * requests > 0);
  if (busy.length < 2) return 0;
  const sum = busy.reduce((total, { errors, requests }) => {
    const expected = rate * requests;
    return total + (errors - expected) ** 2 / expected;
  }, 0);
  // The limit keeps the result finite, so that two results can be subtracted.
  return Math.min(1e30, sum / (busy.length - 1));
}

const total = (buckets: readonly Counts[]): Counts => ({
  errors: buckets.reduce((sum, { errors }) => sum + errors, 0),
  requests: buckets.reduce((sum, { requests }) => sum + requests, 0),
});

/**
 * Adds up consecutive buckets: `group` buckets become one window. The oldest buckets are left out
 * if they do not fill a window.
 */
function grouped(buckets: readonly Counts[], group: number): Counts[] {
  const whole = Math.floor(buckets.length / group);
  const from = buckets.length - whole * group;
  return Array.from({ length: whole }, (_, i) =>
    total(buckets.slice(from + i * group, from + (i + 1) * group)),
  );
}

/**
 * Measures the bursts (`phi`) and the drift (`tau`) of the baseline. `buckets` are short (5 min),
 * in order and from the time before the deploy. `group` buckets are one watch window. `phi` is the
 * variance divided by the mean. Above 1.25, `phi` is multiplied by `safety`, because bursts have
 * heavy tails. `tau` is the relative standard deviation of the rate of a window.
 */
export function dispersion(
  buckets: readonly Counts[],
  { group, safety = 1.5 }: { group: number; safety?: number },
): Dispersion {
  const usable = buckets.every(({ errors, requests }) => errors >= 0 && requests >= 0);
  if (!usable || !Number.isInteger(group) || group < 1) return unmeasuredDispersion;
  const windows = grouped(buckets, group);
  if (windows.length < 3) return unmeasuredDispersion;
  const { errors, requests } = total(buckets);
  if (errors === 0 || requests === 0) return { phi: 1, tau: 0 };
  const rate = errors / requests;
  if (!Number.isFinite(rate)) return { phi: mostPhi, tau: mostTau };
  const raw = pearson(buckets, rate);
  const phi = Math.max(1, raw);
  const perWindow = (rate * total(windows).requests) / windows.length;
  const excess = Math.max(0, pearson(windows, rate) - raw);
  const drift = excess === 0 ? 0 : excess / perWindow;
  return {
    phi: Math.min(mostPhi, phi > 1.25 ? phi * safety : phi),
    tau: Math.min(mostTau, Math.sqrt(drift)),
  };
}
