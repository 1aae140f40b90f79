import { logSumExp } from './log-sum-exp.ts';

/** Errors and requests (or seconds). */
export type Counts = { errors: number; requests: number };

/** Alternatives as ratios to the base rate, their weights, and the ratio that is still allowed. */
export type Alternatives = { theta: readonly number[]; weight: readonly number[]; rho: number };

/** ln((control + theta * shown) / (control + rho * shown)), exact near 0 and free of overflow. */
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
 * ln M of the predictive rate-ratio test: `after` against a base rate known only through `before`.
 * `prior` is the Gamma shape added to the errors before (1 = flat, 0 = right Haar). No data gives
 * ln 1.
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

/** One block of a canary: errors and requests of the new release and of the control beside it. */
export type Block = { fresh: Counts; control: Counts };

/**
 * ln E after every block of the concurrent form: exact under any time variation that both share.
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
