import type { JudgeConfig } from '../../plan.ts';
import { invalidConfig, invalidPlan } from './invalid-input.ts';
import { conclude, type Invalid, type Judgement } from './judgement.ts';
import { logSumExp } from './log-sum-exp.ts';

export type ObjectiveInput = {
  /** 1 = a critical path failed and failed again when asked at once; 0 = all answered. */
  looks: readonly (0 | 1)[];
  plannedLooks: number;
  config: JudgeConfig;
};
type Objective = JudgeConfig['objective'];

/** ln A of every alternative: likelihood ratios since an onset that may be any planned look. */
function advance(
  logA: readonly number[],
  look: 0 | 1,
  { p0, q }: Objective,
  planned: boolean,
  plannedLooks: number,
) {
  return q.map((rate, i) => {
    const factor = look === 1 ? Math.log(rate / p0) : Math.log1p((p0 - rate) / (1 - p0));
    const before = logA[i] ?? -Infinity;
    return factor + (planned ? logSumExp([before, -Math.log(plannedLooks)]) : before);
  });
}

/** ln H: how much better than p0 the looks so far are. */
function logHealth(failed: number, looks: number, { p0, healthFactor, healthWeight }: Objective) {
  return logSumExp(
    healthFactor.map((factor, i) => {
      const failures = failed === 0 ? 0 : failed * Math.log(factor);
      const clean = (looks - failed) * Math.log1p(((1 - factor) * p0) / (1 - p0));
      return Math.log(healthWeight[i] ?? 0) + failures + clean;
    }),
  );
}

/**
 * The sequential test of probes against an absolute objective (a look fails with p0 at most), so
 * that a site without traffic has its evidence too. The arrays end at the rollback look.
 */
export function judgeObjective({
  looks,
  plannedLooks,
  config,
}: ObjectiveInput): Judgement | Invalid {
  const odd = looks.findIndex((look) => look !== 0 && look !== 1);
  const invalid =
    invalidConfig(config) ??
    invalidPlan(plannedLooks) ??
    (odd < 0 ? null : `look ${odd + 1} is ${looks[odd]}; it must be 0 or 1`);
  if (invalid) return { invalid };
  const { objective } = config;
  const logE: number[] = [];
  const logH: number[] = [];
  let logA = objective.q.map(() => -Infinity);
  let failed = 0;
  for (const [index, look] of looks.entries()) {
    const k = index + 1;
    failed += look;
    logA = advance(logA, look, objective, k <= plannedLooks, plannedLooks);
    const begun = logA.map((value, i) => Math.log(objective.w[i] ?? 0) + value);
    logE.push(logSumExp([...begun, Math.log(Math.max(0, plannedLooks - k) / plannedLooks)]));
    logH.push(logHealth(failed, k, objective));
    if ((logE.at(-1) ?? 0) >= Math.log(1 / config.alpha)) break;
  }
  return conclude({ logE, logH }, config);
}
