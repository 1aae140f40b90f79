import { logSumExp } from './log-sum-exp.ts';

/**
 * Combines the evidence (ln E) of several metrics of the same requests. Returns the logarithm of
 * the weighted average of E. This average is valid even if the metrics depend on each other.
 */
export const combineLogE = (logE: readonly number[], weight: readonly number[]): number =>
  logSumExp(logE.map((value, i) => value + Math.log(weight[i] ?? 0)));
