import type { Baseline } from '../plan.ts';
import { judgeDefaults } from './judge/judge-defaults.ts';
import { judgeObjective } from './judge/judge-objective.ts';
import { judgeRatio } from './judge/judge-ratio.ts';
import { isInvalid } from './judge/judgement.ts';
import { percent, rounded } from './numbers.ts';

export type PowerInput = {
  /** Measured over `baselineMs` (24 h) of production time. */
  baseline: Baseline | null;
  /** Already divided by `scale`, as in the plan's timing. */
  windowMs: number;
  lookMs: number;
  scale: number;
  baselineMs?: number;
  /** The error log's share of alpha. */
  share?: number;
};

const day = 24 * 3600 * 1000;
/**
 * Half of the time the test needs longer than its expected path: a rise is called detectable with
 * this much to spare.
 */
const spare = 1.3;

/** The test on the path that is expected when the new rate is `ratio` times the old one. */
function expectedPath({ baseline, looks, perLook, share }: Traffic, ratio: number) {
  const { errors, requests } = baseline;
  // One error more than seen, as in the test's own prior: no service is ever free of errors.
  const rate = Math.min(perLook, (perLook * ratio * (errors + 1)) / requests);
  const config = { ...judgeDefaults, alpha: judgeDefaults.alpha * share };
  const series = Array.from({ length: looks }, () => [rate, perLook] as const);
  const judged = judgeRatio({ baseline, config, series });
  return isInvalid(judged) ? null : judged;
}

type Traffic = { baseline: Baseline; looks: number; perLook: number; share: number };

/** The smallest ratio that the window betrays; null = not even a total outage. */
function smallestRatio(traffic: Traffic): number | null {
  const looks = Math.max(1, Math.floor(traffic.looks / spare));
  const found = (ratio: number) =>
    expectedPath({ ...traffic, looks }, ratio)?.verdict === 'rollback';
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

/** First look at which a constant series decides, by the test itself. */
function looksUntil(look: 0 | 1, planned: number): number | null {
  const looks = Array<0 | 1>(Math.min(planned, 5000)).fill(look);
  const judged = judgeObjective({ looks, plannedLooks: planned, config: judgeDefaults });
  if (isInvalid(judged)) return null;
  const proven = judged.logH.findIndex((value) => value >= Math.log(1 / judgeDefaults.beta)) + 1;
  return look === 1 ? judged.rollbackAtLook : proven || null;
}

function probePower(windowMs: number, lookMs: number): string[] {
  const planned = Math.floor(windowMs / lookMs);
  const outage = looksUntil(1, planned);
  const health = looksUntil(0, planned);
  return [
    outage === null
      ? `Probes: the window of ${planned} looks cannot decide an outage.`
      : `Probes: an outage is decided in ${outage} looks, ` +
        'a path that fails half of the time in about 11, one in five in about 53.',
    health === null
      ? `Probes: the window is too short to prove health: ${planned} looks; it ends as a question.`
      : `Probes: ${health} clean looks (${duration(health * lookMs)}) prove health, ` +
        'with no traffic at all.',
  ];
}

function logPower(traffic: Traffic): string[] {
  const { errors, requests } = traffic.baseline;
  const expected = (errors / requests) * traffic.perLook * traffic.looks;
  const smallest = smallestRatio(traffic);
  const share = percent(errors / requests);
  const before = `${share} before, about ${rounded(expected)} errors in a window`;
  return [
    smallest === null
      ? `Error log: ${before}. At this traffic it can detect nothing: the probes decide alone.`
      : `Error log: ${before}. A rise to ${rounded(Number(smallest.toPrecision(2)))} times that ` +
        'is detected, a smaller one may not be.',
    errors > 0 && expectedPath(traffic, errors / (errors + 1))?.verdict === 'healthy'
      ? 'Error log: enough errors are expected to prove that they have not doubled.'
      : 'Error log: too few errors are expected to prove health: the probes must.',
  ];
}

/**
 * What this window can and cannot detect at this traffic, in sentences for `plan`; shown, never
 * digested.
 */
export function detectionPower(input: PowerInput): string[] {
  const { baseline, scale, baselineMs = day, share = 0.5 } = input;
  const windowMs = input.windowMs * scale;
  const lookMs = input.lookMs * scale;
  const probes = probePower(windowMs, lookMs);
  if (baseline === null || !(baseline.requests > 0))
    return [...probes, 'Error log: no baseline; it is reported, not judged.'];
  const looks = Math.min(5000, Math.floor(windowMs / lookMs));
  const perLook = (baseline.requests * lookMs) / baselineMs;
  return [...probes, ...logPower({ baseline, looks, perLook, share })];
}
