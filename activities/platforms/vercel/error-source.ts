import type { Sample } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { ErrorSource, ErrorSourceInput } from '../error-source.ts';
import type { Vercel } from './api/client.ts';
import { requestMetric } from './api/rates.ts';
import type { RuntimeCounts } from './api/runtime-log.ts';
import { orNoData } from '../../lib/or-no-data.ts';

type On = ErrorSourceInput<VercelTarget> & { vercel: Vercel };

/**
 * Creates the error source. If the baseline counts requests, this source counts requests and failed
 * requests. If not, this source counts errors in the runtime log, and seconds instead of requests.
 */
export const createErrorSource = (on: On): ErrorSource =>
  on.watch.accessLog === requestMetric ? requestMetricSource(on) : errorLogSource(on);

/**
 * Counts requests to production. Every sample reads the whole time since `from`, and returns only
 * the difference to the samples before. So a late number is counted once, in a later sample.
 */
function requestMetricSource({ vercel, target, agoMs, signal }: On): ErrorSource {
  const from = new Date(Date.now() - agoMs());
  let seen = { all: 0, failed: 0 };
  let where: { project: string; projectId: string; account: string } | null = null;
  const sample = async (): Promise<Sample['log']> => {
    if (!where) {
      const { id: projectId, account } = await vercel.project(target.project);
      where = { project: target.project, projectId, account };
    }
    const answer = await vercel.metrics({ ...where, from, to: new Date() });
    const now = 'refused' in answer ? null : answer.total;
    if (!now) return null;
    const added: [number, number] = [now.failed - seen.failed, now.all - seen.all];
    seen = now;
    return [Math.max(0, added[0]), Math.max(0, added[1])];
  };
  return { sample: () => orNoData(sample, signal), close: () => {} };
}

type Stream = {
  counts: RuntimeCounts | null;
  seen: number;
  at: number;
  lost: boolean;
  end: AbortController;
};

/**
 * Counts errors in the runtime log. The log is a stream that stays open between samples. If the
 * stream ends early, the next sample has no data and opens the stream again.
 */
function errorLogSource({ vercel, target, signal }: On): ErrorSource {
  let stream: Stream | null = null;
  const open = async (): Promise<Stream | null> => {
    const { id: projectId, live } = await vercel.project(target.project);
    if (!live) return null;
    const now = Date.now();
    const opened: Stream = {
      counts: null,
      seen: 0,
      at: now,
      lost: false,
      end: new AbortController(),
    };
    const where = { project: target.project, projectId, id: live.id, since: now };
    const ended = () => void (opened.lost = true);
    vercel
      .runtimeLog(where, opened.end.signal, (counts) => void (opened.counts = counts))
      .then(ended, ended);
    return opened;
  };
  const sample = async (): Promise<Sample['log']> => {
    if (!stream || stream.lost) {
      stream = await open();
      return null;
    }
    const { counts, seen, at } = stream;
    if (counts && counts.unreadable > 0) return null;
    const now = Date.now();
    stream.seen = counts?.bad ?? 0;
    stream.at = now;
    return [stream.seen - seen, (now - at) / 1000];
  };
  return { sample: () => orNoData(sample, signal), close: () => stream?.end.abort() };
}
