import type { JudgeConfig } from '../../deploy/plan.ts';
import { invalidConfig, invalidPlan } from './invalid-input.ts';
import { conclude, type Invalid, type Judgement } from './judgement.ts';
import { logSumExp } from './log-sum-exp.ts';

export type ObjectiveInput = {
  /** 1 = a critical path failed twice in a row; 0 = no critical path failed twice in a row. */
  samples: readonly (0 | 1)[];
  plannedSamples: number;
  config: JudgeConfig;
};
type Objective = JudgeConfig['objective'];

/**
 * Adds one sample to ln A of each failure rate in `q`. A compares two cases. First case: from some
 * sample on, samples fail at this rate. Second case: all samples fail at the allowed rate `p0`.
 * Nobody knows the first bad sample, so A is the average over all planned samples.
 */
function advance(
  logA: readonly number[],
  sample: 0 | 1,
  { p0, q }: Objective,
  planned: boolean,
  plannedSamples: number,
) {
  return q.map((rate, i) => {
    const factor = sample === 1 ? Math.log(rate / p0) : Math.log1p((p0 - rate) / (1 - p0));
    const before = logA[i] ?? -Infinity;
    return factor + (planned ? logSumExp([before, -Math.log(plannedSamples)]) : before);
  });
}

/** Returns ln H. H is the evidence that fewer samples fail than the objective `p0` allows. */
function logHealth(failed: number, samples: number, { p0, healthFactor, healthWeight }: Objective) {
  return logSumExp(
    healthFactor.map((factor, i) => {
      const failures = failed === 0 ? 0 : failed * Math.log(factor);
      const clean = (samples - failed) * Math.log1p(((1 - factor) * p0) / (1 - p0));
      return Math.log(healthWeight[i] ?? 0) + failures + clean;
    }),
  );
}

/**
 * Runs the sequential test of the probes against a fixed objective: a sample fails with a
 * probability of at most p0. The test needs no traffic of users. The arrays in the result end at
 * the sample that decides the rollback.
 */
export function judgeObjective({
  samples,
  plannedSamples,
  config,
}: ObjectiveInput): Judgement | Invalid {
  const odd = samples.findIndex((sample) => sample !== 0 && sample !== 1);
  const invalid =
    invalidConfig(config) ??
    invalidPlan(plannedSamples) ??
    (odd < 0 ? null : `sample ${odd + 1} is ${samples[odd]}; it must be 0 or 1`);
  if (invalid) return { invalid };
  const { objective } = config;
  const logE: number[] = [];
  const logH: number[] = [];
  let logA = objective.q.map(() => -Infinity);
  let failed = 0;
  for (const [index, sample] of samples.entries()) {
    const k = index + 1;
    failed += sample;
    logA = advance(logA, sample, objective, k <= plannedSamples, plannedSamples);
    const begun = logA.map((value, i) => Math.log(objective.w[i] ?? 0) + value);
    logE.push(logSumExp([...begun, Math.log(Math.max(0, plannedSamples - k) / plannedSamples)]));
    logH.push(logHealth(failed, k, objective));
    if ((logE.at(-1) ?? 0) >= Math.log(1 / config.alpha)) break;
  }
  return conclude({ logE, logH }, config);
}
