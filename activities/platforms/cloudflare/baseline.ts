import type { Baseline } from '../../../domain/deploy/plan.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { readOr } from '../../lib/read-or.ts';
import { baselineOf } from '../baseline-of.ts';
import { readTraffic } from './api/analytics.ts';
import type { Minute } from './api/analytics.ts';
import type { At } from './place.ts';

/** Name of the metric that counts requests. */
export const requestMetric = 'cloudflare.requests';

/**
 * The baseline covers one day. Plimsoll reads the baseline in parts of 4 h, because the rows of one
 * part fit into one answer.
 */
const partMinutes = 4 * 60;
const parts = 6;
/** Minutes in one bucket, the same as on every platform. */
const bucketMinutes = 5;

/**
 * Measures errors and requests of the last day. Returns null if there were no requests, or if
 * Cloudflare refuses the request for analytics. Without this baseline, only the probes judge the
 * release, and the plan says so.
 */
export const measureRequests = (at: At, minuteMs: number) =>
  withHeartbeat((signal) => readOr([], () => measure(at, minuteMs, signal), null));

async function measure(
  { worker }: At,
  minuteMs: number,
  signal: AbortSignal | undefined,
): Promise<Baseline | null> {
  const now = Date.now();
  const partMs = partMinutes * minuteMs;
  const found: Minute[] = [];
  for (let part = parts; part > 0; part -= 1) {
    const asked = { from: now - part * partMs, to: now - (part - 1) * partMs, minuteMs, signal };
    found.push(...(await readTraffic(worker, asked)).minutes);
  }
  const measured = baselineOf([bucketsOf(found, { now, minuteMs })], false);
  return measured && { ...measured, metric: requestMetric };
}

type Clock = { now: number; minuteMs: number };

function bucketsOf(minutes: readonly Minute[], { now, minuteMs }: Clock) {
  const ageOf = ({ at }: Minute) =>
    Math.max(0, Math.floor((now - at) / (bucketMinutes * minuteMs)));
  return [...Map.groupBy(minutes, ageOf)].map(([age, some]) => ({
    age,
    errors: some.reduce((sum, { errors }) => sum + errors, 0),
    requests: some.reduce((sum, { requests }) => sum + requests, 0),
    lines: some.length,
  }));
}
