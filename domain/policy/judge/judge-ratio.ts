import type { JudgeConfig } from '../../plan.ts';
import { mostPhi, mostTau } from './dispersion.ts';
import { invalidConfig, invalidCounts, invalidPlan } from './invalid-input.ts';
import { conclude, type Invalid, type Judgement } from './judgement.ts';
import { type Counts, logRateRatio } from './rate-ratio.ts';
import { restartedLogE, runningTotals } from './restarts.ts';
import { logSumExp } from './log-sum-exp.ts';

export type RatioInput = {
  /** Before the deploy; phi and tau of `dispersion`, 1 and 0 where absent. */
  baseline: Counts & { phi?: number; tau?: number };
  config: JudgeConfig;
  /** Per look [errors, requests or seconds]; no answer is [0, 0]. */
  series: readonly (readonly [number, number])[];
  /** Restarts are placed by it; default: the length of the series. */
  plannedLooks?: number;
  /** An error rate that never matters, however far above the baseline. */
  absoluteFloor?: number;
};

/** A burst counts once per phi errors; the baseline never counts for more than 1 / tau² errors. */
function dispersed({ baseline, series }: RatioInput) {
  const { errors, requests, phi = 1, tau = 0 } = baseline;
  const drift = tau * tau * errors;
  const keep = Math.min(1 / phi, drift > 0 ? 1 / drift : Infinity);
  return {
    before: { errors: errors * keep, requests: requests * keep },
    after: series.map(([y, n]) => ({ errors: y / phi, requests: n / phi })),
  };
}

function invalidRatio({ baseline, config, series, plannedLooks, absoluteFloor = 0.5 }: RatioInput) {
  const { phi = 1, tau = 0 } = baseline;
  const bad = series.findIndex(([errors, requests]) => invalidCounts('', { errors, requests }));
  const [errors, requests] = series[bad] ?? [0, 0];
  return (
    invalidConfig(config) ??
    invalidPlan(plannedLooks ?? Math.max(1, series.length)) ??
    invalidCounts('the baseline', baseline) ??
    (phi >= 1 && phi <= mostPhi ? null : `phi is ${phi}; it must be 1 or more`) ??
    (tau >= 0 && tau <= mostTau ? null : `tau is ${tau}; it must be 0 or more`) ??
    (absoluteFloor > 0 && absoluteFloor < 1 ? null : 'absoluteFloor must lie between 0 and 1') ??
    invalidCounts(`look ${bad + 1}`, { errors, requests })
  );
}

/** ln M against a known rate: errors beyond `floor`, whatever the baseline was. */
const logAboveFloor = ({ errors, requests }: Counts, floor: number, config: JudgeConfig) =>
  logSumExp(
    config.theta.map(
      (ratio, k) =>
        Math.log(config.weight[k] ?? 0) + errors * Math.log(ratio) - (ratio - 1) * floor * requests,
    ),
  );

function ratioLogE(input: RatioInput, totals: readonly Counts[], before: Counts): number[] {
  const { config, series, plannedLooks = series.length, absoluteFloor } = input;
  const { theta, weight, rho, a: prior } = config;
  // 1e-9: a planned share such as 5/6 of 180 is look 150 whatever the last bit says.
  const starts = config.onset.map((at) => Math.floor(at * plannedLooks + 1e-9));
  const onsets = { starts, weight: config.onsetWeight };
  const relative = restartedLogE(totals, onsets, (since) =>
    logRateRatio(since, before, { theta, weight, rho, prior }),
  );
  if (absoluteFloor === undefined) return relative;
  const absolute = restartedLogE(totals, onsets, (since) =>
    logAboveFloor(since, absoluteFloor, config),
  );
  return relative.map((value, k) => Math.min(value, absolute[k] ?? value));
}

/**
 * The sequential test of errors after a deploy against those before it; anytime valid, so look as
 * often as you like. Rollback: the rate rose by more than rho. Healthy: it is not rhoBad times the
 * old one.
 */
export function judgeRatio(input: RatioInput): Judgement | Invalid {
  const invalid = invalidRatio(input);
  if (invalid) return { invalid };
  const { config } = input;
  const { before, after } = dispersed(input);
  const totals = runningTotals(after);
  const health = { theta: config.thetaOk, weight: config.weightOk, rho: config.rhoBad, prior: 0 };
  const logE = ratioLogE(input, totals, before);
  const logH = totals.slice(1).map((seen) => logRateRatio(seen, before, health));
  return conclude({ logE, logH }, config);
}
