import { logSumExp } from './log-sum-exp.ts';

/**
 * ln E of several metrics of the same requests: their weighted average, valid under any dependence.
 */
export const combineLogE = (logE: readonly number[], weight: readonly number[]): number =>
  logSumExp(logE.map((value, i) => value + Math.log(weight[i] ?? 0)));
