import { logSumExp } from './log-sum-exp.ts';
import type { Counts } from './rate-ratio.ts';

/**
 * Returns the totals after each sample. Index 0 has the totals before the first sample, which are
 * 0.
 */
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
 * Returns ln E after every sample. Without restarts, a clean beginning could hide a late
 * regression. So the test restarts at each sample in `starts`, and E is the weighted average of M
 * over all restarts. `logM` returns ln M for the counts since a restart. Before a restart, its M is
 * 1.
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
