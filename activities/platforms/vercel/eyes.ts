import type { Look, VercelTarget } from '../../../domain/plan.ts';
import type { Eyes, EyesOn } from '../../watch/eyes.ts';
import type { Vercel } from './client.ts';
import { requestMetric } from './rates.ts';
import type { RuntimeCounts } from './runtime-log.ts';
import { orBlind } from '../or-blind.ts';

type On = EyesOn<VercelTarget> & { vercel: Vercel };

/** Requests where the baseline has them, else errors of the runtime log by the second. */
export const createEyes = (on: On): Eyes =>
  on.watch.accessLog === requestMetric ? requestEyes(on) : logEyes(on);

/**
 * The whole time up to now at every look: what Vercel counts late is in a later look, and nothing counts twice.
 */
function requestEyes({ vercel, target, agoMs, signal }: On): Eyes {
  const from = new Date(Date.now() - agoMs());
  let seen = { all: 0, failed: 0 };
  let where: { project: string; projectId: string; account: string } | null = null;
  const look = async (): Promise<Look['log']> => {
    if (!where) {
      const { id: projectId, account } = await vercel.project(target.project);
      where = { project: target.project, projectId, account };
    }
    const now = await vercel.requests({ ...where, from, to: new Date() });
    if (!now) return null;
    const added: [number, number] = [now.failed - seen.failed, now.all - seen.all];
    seen = now;
    return [Math.max(0, added[0]), Math.max(0, added[1])];
  };
  return { look: () => orBlind(look, signal), close: () => {} };
}

type Stream = {
  counts: RuntimeCounts | null;
  seen: number;
  at: number;
  lost: boolean;
  end: AbortController;
};

/** The stream stays open over the looks; one that breaks off makes one blind look and is opened again. */
function logEyes({ vercel, target, signal }: On): Eyes {
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
  const look = async (): Promise<Look['log']> => {
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
  return { look: () => orBlind(look, signal), close: () => stream?.end.abort() };
}
