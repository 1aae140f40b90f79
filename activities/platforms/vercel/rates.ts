import type { Baseline, VercelTarget } from '../../../domain/plan.ts';
import { dispersion } from '../../../domain/policy/judge/dispersion.ts';
import { pulse } from '../../git/pulse.ts';
import type { Vercel } from './client.ts';

/** What a request is, where the plan of the team counts them. */
export const requestMetric = 'vercel.request.count';

const dayMs = 24 * 3600 * 1000;
const bucketMs = 300_000;
/** Two hours of five minutes: enough windows of half an hour to see bursts and drift. */
const buckets = 24;
const group = 6;
const atOnce = 6;

/** The last day; null where the plan has no such numbers, or nobody came: no data is not zero errors. */
export const measureRequests = (vercel: Vercel, target: VercelTarget, now: number) =>
  pulse(async (): Promise<Baseline | null> => {
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
