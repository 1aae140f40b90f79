import { logSumExp } from './log-sum-exp.ts';

/** Errors and requests (or seconds). */
export type Counts = { errors: number; requests: number };

/**
 * `theta`: the tested ratios of the new rate to the base rate. `weight`: one weight for each tested
 * ratio. `rho`: the largest ratio that is allowed.
 */
export type Alternatives = { theta: readonly number[]; weight: readonly number[]; rho: number };

/**
 * Returns ln((control + theta * shown) / (control + rho * shown)). The result is exact near 0 and
 * does not overflow.
 */
function logDilution(
  control: number,
  shown: number,
  { theta, rho }: Record<'theta' | 'rho', number>,
) {
  const scale = Math.max(control, shown);
  if (scale === 0) return 0;
  const share = shown / scale;
  return Math.log1p(((theta - rho) * share) / (control / scale + rho * share));
}

/**
 * Returns ln M of the predictive rate-ratio test. M is the evidence that the rate is above `rho`
 * times the base rate. The counts `before` give an estimate of the base rate. `prior` is the shape
 * of a Gamma prior, and is added to the errors in `before`. 1 is a flat prior, and 0 is the right
 * Haar prior. Without data, M is 1.
 */
export function logRateRatio(
  after: Counts,
  before: Counts,
  { theta, weight, rho, prior }: Alternatives & { prior: number },
): number {
  const shape = before.errors + prior + after.errors;
  return logSumExp(
    theta.map(
      (ratio, k) =>
        Math.log(weight[k] ?? 0) +
        after.errors * Math.log(ratio / rho) -
        shape * logDilution(before.requests, after.requests, { theta: ratio, rho }),
    ),
  );
}

/**
 * One block of a canary: the counts of the new release (`fresh`) and of the old release that runs
 * at the same time (`control`).
 */
export type Block = { fresh: Counts; control: Counts };

/**
 * Returns ln E after every block of a canary. The test stays exact if the error rate changes over
 * time in the same way for both releases.
 */
export function concurrentLogE(
  blocks: readonly Block[],
  { theta, weight, rho }: Alternatives,
): number[] {
  const sums = theta.map((_, k) => Math.log(weight[k] ?? 0));
  return blocks.map(({ fresh, control }) => {
    theta.forEach((ratio, k) => {
      const dilution = logDilution(control.requests, fresh.requests, { theta: ratio, rho });
      const seen = fresh.errors + control.errors;
      sums[k] = (sums[k] ?? 0) + fresh.errors * Math.log(ratio / rho) - seen * dilution;
    });
    return logSumExp(sums);
  });
}
