import type { Sample } from '../../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { ErrorSource, ErrorSourceInput } from '../error-source.ts';
import { readTraffic } from './api/analytics.ts';
import type { Traffic } from './api/analytics.ts';
import { requestMetric } from './baseline.ts';
import type { At } from './place.ts';
import { see } from './snapshot.ts';
import { orNoData } from '../../lib/or-no-data.ts';

type On = ErrorSourceInput<CloudflareTarget> & { at: At; minuteMs: number };

/**
 * The minutes between two requests to Cloudflare's API. Until the next request, samples use the
 * last answer.
 */
const pauseMinutes = 0.5;

/**
 * Counts requests and errors in Cloudflare's analytics. Every read covers the whole watch. A sample
 * contains only the difference to the earlier samples, so a late number counts once, in a later
 * sample. A sample is null until the first numbers arrive. Without a baseline, every sample is
 * null.
 */
export function createErrorSource({
  at,
  minuteMs,
  watch,
  signal,
  startedAt,
  counted,
}: On): ErrorSource {
  const seen = { errors: counted[0], requests: counted[1] };
  let traffic: Traffic | null = null;
  let askedAt = -Infinity;
  let version: string | null = null;
  const read = async () => {
    if (Date.now() - askedAt < pauseMinutes * minuteMs) return;
    askedAt = Date.now();
    traffic = null;
    version ??= (await see(at)).id;
    const asked = { from: startedAt, to: askedAt, minuteMs, signal };
    traffic = await readTraffic(at.worker, asked);
  };
  const sample = async (): Promise<Sample['log']> => {
    await read();
    if (!traffic || traffic.completeUntil === null) return null;
    const now = totalOf(traffic, version);
    const added: [number, number] = [
      Math.max(0, now.errors - seen.errors),
      Math.max(0, now.requests - seen.requests),
    ];
    seen.errors += added[0];
    seen.requests += added[1];
    return added;
  };
  const unreported = () => (traffic?.completeUntil ? Date.now() - traffic.completeUntil : 0);
  return {
    sample: () =>
      watch.accessLog === requestMetric ? orNoData(sample, signal) : Promise.resolve(null),
    lagMs: () => Math.max(0, unreported()),
    close: () => {},
  };
}

/**
 * Adds up the errors and requests of the version `id`. Also counts the minutes whose version is
 * unknown. If `id` is null, adds up the numbers of all versions.
 */
function totalOf({ minutes }: Traffic, id: string | null) {
  const ours = minutes.filter(({ version }) => version === null || id === null || version === id);
  return {
    errors: ours.reduce((sum, { errors }) => sum + errors, 0),
    requests: ours.reduce((sum, { requests }) => sum + requests, 0),
  };
}
