import { logSumExp } from './log-sum-exp.ts';
import type { Counts } from './rate-ratio.ts';

/** Totals after each look; index 0 is before the first. */
export function runningTotals(series: readonly Counts[]): Counts[] {
  const totals: Counts[] = [{ errors: 0, requests: 0 }];
  for (const { errors, requests } of series) {
    const { errors: y, requests: n } = totals.at(-1) ?? { errors: 0, requests: 0 };
    totals.push({ errors: y + errors, requests: n + requests });
  }
  return totals;
}

const none: Counts = { errors: 0, requests: 0 };

/**
 * ln E after every look: `logM` of the counts since each restart, averaged by weight. A restart
 * that has not come yet counts as 1, so a late regression is not drowned by a clean start.
 */
export function restartedLogE(
  totals: readonly Counts[],
  { starts, weight }: { starts: readonly number[]; weight: readonly number[] },
  logM: (since: Counts) => number,
): number[] {
  return totals.slice(1).map(({ errors, requests }, index) => {
    const terms = starts.map((start, j) => {
      const from = totals[start] ?? none;
      const since = { errors: errors - from.errors, requests: requests - from.requests };
      return Math.log(weight[j] ?? 0) + (index + 1 > start ? logM(since) : 0);
    });
    return logSumExp(terms);
  });
}
