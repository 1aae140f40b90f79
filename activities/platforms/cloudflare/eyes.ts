import type { CloudflareTarget, Look } from '../../../domain/plan.ts';
import type { Eyes, EyesOn } from '../../watch/eyes.ts';
import { readTraffic } from './analytics.ts';
import type { Traffic } from './analytics.ts';
import { requestMetric } from './baseline.ts';
import type { At } from './place.ts';
import { see } from './sight.ts';
import { orBlind } from '../or-blind.ts';

type On = EyesOn<CloudflareTarget> & { at: At; minuteMs: number };

/** Cloudflare is asked so often; looks in between have what it said last. */
const pauseMinutes = 0.5;

/**
 * The whole watch at every look: what Cloudflare counts late is in a later look, and nothing counts twice. Until the
 * first numbers come, and where there is nothing to compare them with, it is blind.
 */
export function createEyes({ at, minuteMs, watch, signal, startedAt, counted }: On): Eyes {
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
  const look = async (): Promise<Look['log']> => {
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
  const untold = () => (traffic?.completeUntil ? Date.now() - traffic.completeUntil : 0);
  return {
    look: () => (watch.accessLog === requestMetric ? orBlind(look, signal) : Promise.resolve(null)),
    lagMs: () => Math.max(0, untold()),
    close: () => {},
  };
}

/** Of the release alone, where Cloudflare says which version answered. */
function totalOf({ minutes }: Traffic, id: string | null) {
  const ours = minutes.filter(({ version }) => version === null || id === null || version === id);
  return {
    errors: ours.reduce((sum, { errors }) => sum + errors, 0),
    requests: ours.reduce((sum, { requests }) => sum + requests, 0),
  };
}
