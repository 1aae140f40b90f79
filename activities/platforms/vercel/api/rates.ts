import { setTimeout as sleep } from 'node:timers/promises';
import type { Baseline } from '../../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../../domain/platforms/vercel/target.ts';
import { dispersion, unmeasuredDispersion } from '../../../../domain/watch/judge/dispersion.ts';
import { cancellation, withHeartbeat } from '../../../lib/temporal-context.ts';
import type { Vercel } from './client.ts';
import type { Metrics } from './signals.ts';

/** Name of the metric that counts requests. Not every Vercel plan has this metric. */
export const requestMetric = 'vercel.request.count';

const dayMs = 24 * 3600 * 1000;
const bucketMs = 300_000;
/**
 * The number of 5-minute buckets. They cover two hours, or four windows of 30 min. Four windows are
 * enough to measure how the error rate varies.
 */
const buckets = 24;
const group = 6;

/**
 * Measures errors and requests of production in the last day. Returns null if there were no
 * requests, or if Vercel does not give the numbers. `pauseMs` is the pause before the second
 * attempt if Vercel gave no answer.
 */
export const measureRequests = (
  vercel: Vercel,
  target: VercelTarget,
  { now, pauseMs = 2000 }: { now: number; pauseMs?: number },
) =>
  withHeartbeat(async (): Promise<Baseline | null> => {
    const { id: projectId, account } = await vercel.project(target.project);
    const where = { project: target.project, projectId, account };
    const ask = (from: number, to: number) =>
      orNone(pauseMs, () => vercel.metrics({ ...where, from: new Date(from), to: new Date(to) }));
    const day = (await ask(now - dayMs, now))?.total;
    if (!day || day.all === 0) return null;
    // Vercel's buckets begin at whole five minutes.
    const end = Math.floor(now / bucketMs) * bucketMs;
    const recent = (await ask(end - buckets * bucketMs, end))?.buckets;
    const spread = recent ? dispersion(inOrder(recent, end), { group }) : unmeasuredDispersion;
    return { errors: day.failed, requests: day.all, ...spread, metric: requestMetric };
  });

const inOrder = (recent: NonNullable<Metrics['buckets']>, end: number) =>
  Array.from({ length: buckets }, (_, index) => {
    const { failed = 0, all = 0 } = recent.get(end - (buckets - index) * bucketMs) ?? {};
    return { errors: failed, requests: all };
  });

/**
 * Returns the metrics. Returns null if Vercel refused, or gave no answer in two attempts. Throws if
 * the token is unknown or the activity is cancelled.
 */
async function orNone(pauseMs: number, ask: () => ReturnType<Vercel['metrics']>) {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await ask();
      return 'refused' in answer ? null : answer;
    } catch (cause) {
      const { nonRetryable } = cause as { nonRetryable?: boolean };
      if (cancellation()?.aborted || nonRetryable) throw cause;
      if (tries === 2) return null;
    }
    await sleep(pauseMs, undefined, { signal: cancellation() });
  }
}
