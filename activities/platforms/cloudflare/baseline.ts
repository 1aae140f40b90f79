import type { Baseline } from '../../../domain/plan.ts';
import { pulse } from '../../git/pulse.ts';
import { baselineOf } from '../../watch/baseline-of.ts';
import { readTraffic } from './analytics.ts';
import type { Minute } from './analytics.ts';
import type { At } from './place.ts';

/** What a request is, where it is counted. */
export const requestMetric = 'cloudflare.requests';

/** A day, in parts whose rows fit into one answer. */
const partMinutes = 4 * 60;
const parts = 6;
/** Five minutes, as everywhere. */
const bucketMinutes = 5;

/** The last day; null where nobody came: no data is not zero errors. */
export const measureRequests = ({ worker }: At, minuteMs: number) =>
  pulse(async (signal): Promise<Baseline | null> => {
    const now = Date.now();
    const partMs = partMinutes * minuteMs;
    const found: Minute[] = [];
    for (let part = parts; part > 0; part -= 1) {
      const asked = { from: now - part * partMs, to: now - (part - 1) * partMs, minuteMs, signal };
      found.push(...(await readTraffic(worker, asked)).minutes);
    }
    const measured = baselineOf([bucketsOf(found, { now, minuteMs })], false);
    return measured && { ...measured, metric: requestMetric };
  });

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
