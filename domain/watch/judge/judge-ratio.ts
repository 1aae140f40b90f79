import type { JudgeConfig } from '../../deploy/plan.ts';
import { mostPhi, mostTau } from './dispersion.ts';
import { invalidConfig, invalidCounts, invalidPlan } from './invalid-input.ts';
import { conclude, type Invalid, type Judgement } from './judgement.ts';
import { type Counts, logRateRatio } from './rate-ratio.ts';
import { restartedLogE, runningTotals } from './restarts.ts';
import { logSumExp } from './log-sum-exp.ts';

export type RatioInput = {
  /** Counts before the deploy. `phi` and `tau` come from `dispersion`; absent = 1 and 0. */
  baseline: Counts & { phi?: number; tau?: number };
  config: JudgeConfig;
  /** For each sample [errors, requests or seconds]; [0, 0] if there is no answer. */
  series: readonly (readonly [number, number])[];
  /**
   * The number of samples that the window has by plan. The positions of the restarts are computed
   * from it. Default: the length of the series.
   */
  plannedSamples?: number;
  /** Error rates up to this value are allowed, even if they are far above the baseline. */
  absoluteFloor?: number;
};

/**
 * Reduces the counts, because errors come in bursts and the rate drifts. `phi` errors count as one
 * error. The baseline counts as at most 1 / tau² errors. So the test does not mistake drift for a
 * regression.
 */
function dispersed({ baseline, series }: RatioInput) {
  const { errors, requests, phi = 1, tau = 0 } = baseline;
  const drift = tau * tau * errors;
  const keep = Math.min(1 / phi, drift > 0 ? 1 / drift : Infinity);
  return {
    before: { errors: errors * keep, requests: requests * keep },
    after: series.map(([y, n]) => ({ errors: y / phi, requests: n / phi })),
  };
}

function invalidRatio({
  baseline,
  config,
  series,
  plannedSamples,
  absoluteFloor = 0.5,
}: RatioInput) {
  const { phi = 1, tau = 0 } = baseline;
  const bad = series.findIndex(([errors, requests]) => invalidCounts('', { errors, requests }));
  const [errors, requests] = series[bad] ?? [0, 0];
  return (
    invalidConfig(config) ??
    invalidPlan(plannedSamples ?? Math.max(1, series.length)) ??
    invalidCounts('the baseline', baseline) ??
    (phi >= 1 && phi <= mostPhi ? null : `phi is ${phi}; phi must be from 1 to ${mostPhi}`) ??
    (tau >= 0 && tau <= mostTau ? null : `tau is ${tau}; tau must be from 0 to ${mostTau}`) ??
    (absoluteFloor > 0 && absoluteFloor < 1 ? null : 'absoluteFloor must lie between 0 and 1') ??
    invalidCounts(`sample ${bad + 1}`, { errors, requests })
  );
}

/**
 * Returns ln M. M is the evidence that the error rate is above the fixed rate `floor`. The baseline
 * has no influence on M.
 */
const logAboveFloor = ({ errors, requests }: Counts, floor: number, config: JudgeConfig) =>
  logSumExp(
    config.theta.map(
      (ratio, k) =>
        Math.log(config.weight[k] ?? 0) + errors * Math.log(ratio) - (ratio - 1) * floor * requests,
    ),
  );

function ratioLogE(input: RatioInput, totals: readonly Counts[], before: Counts): number[] {
  const { config, series, plannedSamples = series.length, absoluteFloor } = input;
  const { theta, weight, rho, a: prior } = config;
  // 1e-9 corrects rounding errors: 5/6 of 180 samples must give sample 150.
  const starts = config.onset.map((at) => Math.floor(at * plannedSamples + 1e-9));
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
 * Runs the sequential test of the error rate. The test compares the rate after a deploy with the
 * rate before. The result is valid after every sample. Rollback: the rate is more than rho times
 * the old rate. Healthy: the rate is less than rhoBad times the old rate.
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
