import { accessTo } from '../../lib/access.ts';
import { bodyStart } from '../../lib/http.ts';
import { pinnedFetch } from '../../lib/safe-fetch/pinned-connector.ts';
import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';

const boundMs = 5000;
const mostBody = 64 * 1024;

export type Answer = { status: number | null; body: string; failure: string | null };

/** The answers to requests from the worker's machine. null = the path is not configured. */
export type Outside = {
  health: Answer & { url: string };
  version: Answer | null;
  heartbeat: (Answer & { ageMs: number | null }) | null;
};

export type OutsideDeps = { fetch: typeof fetch; now: () => number };

export async function readOutside(
  deps: OutsideDeps,
  target: VpsTarget,
  host: VpsHost,
  signal: AbortSignal,
): Promise<Outside> {
  const { pathname, search } = new URL(target.health);
  const url = new URL(`${pathname}${search}`, host.url).href;
  const { headers = {}, certificates } = accessTo(target);
  const fetch = certificates ? pinnedFetch(certificates) : deps.fetch;
  const request = (address: string) => ask({ fetch, headers, signal }, address);
  const at = (path: string | null) =>
    path === null ? null : request(new URL(path, host.url).href);
  const [health, version, heartbeat] = await Promise.all([
    request(url),
    at(target.version),
    at(target.heartbeat),
  ]);
  const beat = heartbeat && { ...heartbeat, ageMs: age(heartbeat.body, deps.now()) };
  return { health: { ...health, url }, version, heartbeat: beat };
}

type Asking = Pick<OutsideDeps, 'fetch'> & {
  headers: Record<string, string>;
  signal: AbortSignal;
};

async function ask({ fetch, headers, signal }: Asking, url: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...headers, connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(boundMs)]),
    });
    const body = await bodyStart(response, mostBody);
    return { status: response.status, body, failure: null };
  } catch (cause) {
    signal.throwIfAborted();
    return { status: null, body: '', failure: reason(cause as Error) };
  }
}

function reason(cause: Error): string {
  if (cause.name === 'TimeoutError') return `no answer within ${boundMs / 1000} s`;
  const inner = cause.cause as NodeJS.ErrnoException | undefined;
  return inner?.code ?? inner?.message ?? cause.message;
}

function age(body: string, now: number): number | null {
  try {
    const at = Date.parse((JSON.parse(body) as { at: string }).at);
    return Number.isFinite(at) ? now - at : null;
  } catch {
    return null;
  }
}
