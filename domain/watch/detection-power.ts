import type { Baseline } from '../deploy/plan.ts';
import { judgeDefaults } from './judge/judge-defaults.ts';
import { judgeObjective } from './judge/judge-objective.ts';
import { judgeRatio } from './judge/judge-ratio.ts';
import { isInvalid } from './judge/judgement.ts';
import { percent, rounded } from '../messages/parts/numbers.ts';

export type PowerInput = {
  /** Measured in production over `baselineMs` (default: 24 h); null: there is no baseline. */
  baseline: Baseline | null;
  /** `windowMs` and `sampleMs` are already divided by `scale`, like the timing of the plan. */
  windowMs: number;
  sampleMs: number;
  scale: number;
  baselineMs?: number;
  /** The error log's share of alpha, the allowed probability of a false alarm (default: 0.5). */
  share?: number;
};

const day = 24 * 3600 * 1000;
/**
 * In half of all cases, the test needs more samples than expected. So a rise counts as detectable
 * only if the window has `spare` times as many samples as expected.
 */
const spare = 1.3;

/**
 * Runs the test on the samples that are expected if the error rate is `ratio` times the old rate.
 */
function expectedPath({ baseline, samples, perSample, share }: Traffic, ratio: number) {
  const { errors, requests } = baseline;
  // A baseline without errors does not prove an error rate of zero. So one error is added. The
  // judge does the same.
  const rate = Math.min(perSample, (perSample * ratio * (errors + 1)) / requests);
  const config = { ...judgeDefaults, alpha: judgeDefaults.alpha * share };
  const series = Array.from({ length: samples }, () => [rate, perSample] as const);
  const judged = judgeRatio({ baseline, config, series });
  return isInvalid(judged) ? null : judged;
}

type Traffic = { baseline: Baseline; samples: number; perSample: number; share: number };

/**
 * Returns the smallest rise that the window detects, as the new error rate divided by the old error
 * rate. null = the window cannot detect a rise.
 */
function smallestRatio(traffic: Traffic): number | null {
  const samples = Math.max(1, Math.floor(traffic.samples / spare));
  const found = (ratio: number) =>
    expectedPath({ ...traffic, samples }, ratio)?.verdict === 'rollback';
  let [low, high] = [judgeDefaults.rho, traffic.baseline.requests / (traffic.baseline.errors + 1)];
  if (high <= low || !found(high)) return null;
  for (let i = 0; i < 20; i += 1) {
    const middle = Math.sqrt(low * high);
    if (found(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function duration(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return ms < 90 * 60_000
    ? `${rounded(Math.round(ms / 6000) / 10)} min`
    : `${rounded(ms / 3.6e6)} h`;
}

/**
 * Returns the number of samples after which the test decides, if every sample has the value
 * `sample`. null = the test does not decide.
 */
function samplesUntil(sample: 0 | 1, planned: number): number | null {
  const samples = Array<0 | 1>(Math.min(planned, 5000)).fill(sample);
  const judged = judgeObjective({ samples, plannedSamples: planned, config: judgeDefaults });
  if (isInvalid(judged)) return null;
  const proven = judged.logH.findIndex((value) => value >= Math.log(1 / judgeDefaults.beta)) + 1;
  return sample === 1 ? judged.rollbackAtSample : proven || null;
}

function probePower(windowMs: number, sampleMs: number): string[] {
  const planned = Math.floor(windowMs / sampleMs);
  const outage = samplesUntil(1, planned);
  const health = samplesUntil(0, planned);
  return [
    outage === null
      ? `Probes: the window of ${planned} samples is too short to detect an outage.`
      : `Probes: an outage is detected after ${outage} samples. A path that fails half of the ` +
        'time is detected after about 11 samples, a path that fails one time in five after ' +
        'about 53.',
    health === null
      ? `Probes: the window of ${planned} samples is too short to prove health, so the watch ` +
        'ends inconclusive.'
      : `Probes: ${health} clean samples (${duration(health * sampleMs)}) prove health, ` +
        'even without traffic.',
  ];
}

function logPower(traffic: Traffic): string[] {
  const { errors, requests } = traffic.baseline;
  const expected = (errors / requests) * traffic.perSample * traffic.samples;
  const smallest = smallestRatio(traffic);
  const share = percent(errors / requests);
  const before =
    `the rate before the deploy was ${share}, so about ${rounded(expected)} errors are expected ` +
    'in a window';
  return [
    smallest === null
      ? `Error log: ${before}. At this traffic the log cannot detect a rise, so the probes ` +
        'decide alone.'
      : `Error log: ${before}. A rise to ${rounded(Number(smallest.toPrecision(2)))} times that ` +
        'rate is detected. A smaller rise may stay undetected.',
    errors > 0 && expectedPath(traffic, errors / (errors + 1))?.verdict === 'healthy'
      ? 'Error log: enough errors are expected to prove that the rate has not doubled.'
      : 'Error log: too few errors are expected to prove health, so the probes must prove it.',
  ];
}

/**
 * Returns sentences for the command `plan` about the failures that the watch can and cannot detect
 * with this traffic. The digest does not cover these sentences.
 */
export function detectionPower(input: PowerInput): string[] {
  const { baseline, scale, baselineMs = day, share = 0.5 } = input;
  const windowMs = input.windowMs * scale;
  const sampleMs = input.sampleMs * scale;
  const probes = probePower(windowMs, sampleMs);
  if (baseline === null || !(baseline.requests > 0))
    return [...probes, 'Error log: there is no baseline, so errors are reported but not judged.'];
  const samples = Math.min(5000, Math.floor(windowMs / sampleMs));
  const perSample = (baseline.requests * sampleMs) / baselineMs;
  return [...probes, ...logPower({ baseline, samples, perSample, share })];
}
