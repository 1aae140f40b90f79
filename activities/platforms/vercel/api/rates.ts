import type { Baseline } from '../../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../../domain/platforms/vercel/target.ts';
import { dispersion } from '../../../../domain/watch/judge/dispersion.ts';
import { withHeartbeat } from '../../../lib/temporal-context.ts';
import type { Vercel } from './client.ts';

/** Name of the metric that counts requests. Not every Vercel plan has this metric. */
export const requestMetric = 'vercel.request.count';

const dayMs = 24 * 3600 * 1000;
const bucketMs = 300_000;
/**
 * The number of 5-minute buckets, which cover two hours. The buckets make four windows of 30 min,
 * which is enough to measure how the error rate varies.
 */
const buckets = 24;
const group = 6;
const atOnce = 6;

/**
 * Measures errors and requests of the last day. Returns null if there were no requests, or if the
 * Vercel plan has no request counts.
 */
export const measureRequests = (vercel: Vercel, target: VercelTarget, now: number) =>
  withHeartbeat(async (): Promise<Baseline | null> => {
    const project = await vercel.project(target.project);
    const { id: projectId, account } = project;
    const where = { project: target.project, projectId, account };
    const ask = (from: number, to: number) =>
      vercel.requests({ ...where, from: new Date(from), to: new Date(to) });
    const day = await ask(now - dayMs, now);
    if (!day || day.all === 0) return null;
    const found: { errors: number; requests: number }[] = [];
    for (let first = buckets; first > 0; first -= atOnce) {
      const some = Array.from({ length: Math.min(atOnce, first) }, (_, index) => first - index);
      const counts = await Promise.all(
        some.map((age) => ask(now - age * bucketMs, now - (age - 1) * bucketMs)),
      );
      found.push(...counts.map((one) => ({ errors: one?.failed ?? 0, requests: one?.all ?? 0 })));
    }
    const spread = dispersion(found, { group });
    return { errors: day.failed, requests: day.all, ...spread, metric: requestMetric };
  });
