import { accessTo } from '../../lib/access.ts';
import { createSafeFetch } from '../../lib/safe-fetch/safe-fetch.ts';
import type { SafeFetch } from '../../lib/safe-fetch/safe-fetch.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';

const boundMs = 5000;

export type Answer = { status: number | null; body: string; failure: string | null };

/**
 * The answers to requests from the worker's machine. null means that this path is not configured.
 */
export type Outside = {
  health: Answer & { url: string };
  version: Answer | null;
  /**
   * `at` is the time of the heartbeat by the clock of the host. null means that the answer has no
   * time.
   */
  heartbeat: (Answer & { at: number | null }) | null;
};

/**
 * Requests the health, version and heartbeat paths of a host. A redirect is an answer. Reads at most
 * 64 KB of each body. Throws only if `signal` fires.
 */
export async function readOutside(
  target: VpsTarget,
  host: VpsHost,
  signal: AbortSignal,
): Promise<Outside> {
  const { pathname, search } = new URL(target.health);
  const url = new URL(`${pathname}${search}`, host.url).href;
  const { headers = {}, certificates = [] } = accessTo(target);
  const fetch = createSafeFetch({ configured: [host.url], certificates });
  const request = (address: string) => ask({ fetch, headers, signal }, address);
  const at = (path: string | null) =>
    path === null ? null : request(new URL(path, host.url).href);
  const [health, version, heartbeat] = await Promise.all([
    request(url),
    at(target.version),
    at(target.heartbeat),
  ]);
  const beat = heartbeat && { ...heartbeat, at: timeIn(heartbeat.body) };
  return { health: { ...health, url }, version, heartbeat: beat };
}

type Asking = { fetch: SafeFetch; headers: Record<string, string>; signal: AbortSignal };

async function ask({ fetch, headers, signal }: Asking, url: string): Promise<Answer> {
  const answer = await fetch(url, {
    timeoutMs: boundMs,
    signal,
    follow: false,
    headers: { ...headers, connection: 'close' },
  });
  return answer.answered
    ? { status: answer.status, body: answer.body, failure: null }
    : { status: null, body: '', failure: answer.why };
}

function timeIn(body: string): number | null {
  try {
    const at = Date.parse((JSON.parse(body) as { at: string }).at);
    return Number.isFinite(at) ? at : null;
  } catch {
    return null;
  }
}
