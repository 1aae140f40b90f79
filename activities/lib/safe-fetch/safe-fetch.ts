import type { LookupFunction } from 'node:net';
import { request } from 'undici';
import type { Agent, Dispatcher } from 'undici';
import { guardedAgent, refusedAddress } from './guarded-agent.ts';
import { isConfigurableAddress, isPublicAddress } from './public-address.ts';

type SafeAnswer =
  | { answered: true; status: number; body: string; truncated: boolean; url: string }
  /**
   * There was no answer, or the answer is not allowed. `why` is the reason, for people. After a
   * redirect that was not followed, `status` is its status and `leadsTo` is its address. The
   * address has no query, because a query may contain secrets.
   */
  | { answered: false; why: string; status?: number; leadsTo?: string };

type SafeFetchOptions = {
  /**
   * The time limit from the start of the request to the end of the body, including all redirects.
   */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** If false, a redirect to another origin is not followed and does not count as an answer. */
  leaveOrigin?: boolean;
  /** If false, no redirect is followed, and a redirect is an answer like any other. */
  follow?: boolean;
  /** Headers for the first origin. Other origins do not get these headers. */
  headers?: Record<string, string>;
};
export type SafeFetch = (url: string, options?: SafeFetchOptions) => Promise<SafeAnswer>;

const mostRedirects = 3;
const mostBody = 64 * 1024;

type Deps = {
  /** Origins that the operator configured. They may be private or loopback. */
  configured: readonly string[];
  /** Fingerprints of certificates that only the configured origins may use. */
  certificates?: readonly string[];
  lookup?: LookupFunction;
};

/**
 * Makes a function that sends GET requests. A configured origin may be private. Any other address
 * must be on the public internet. The function follows at most 3 redirects, and checks the address
 * of every connection. It reads at most 64 KB of the body. It rejects only if `signal` aborts, with
 * the reason of the signal.
 */
export function createSafeFetch({ configured, certificates, lookup }: Deps): SafeFetch {
  const trusted = new Set(configured.map((url) => new URL(url).origin));
  const inside = guardedAgent(isConfigurableAddress, { lookup, certificates });
  const outside = guardedAgent(isPublicAddress, { lookup });
  return async (url, options = {}) => {
    const bound = AbortSignal.timeout(options.timeoutMs ?? 10_000);
    const signal = options.signal ? AbortSignal.any([bound, options.signal]) : bound;
    try {
      return await follow(new URL(url), { ...options, signal }, (target) => {
        const known = trusted.has(target.origin);
        const allowed = known ? isConfigurableAddress : isPublicAddress;
        return { agent: known ? inside : outside, refused: refusal(target, allowed) };
      });
    } catch (cause) {
      if (options.signal?.aborted) throw options.signal.reason;
      return { answered: false, why: bound.aborted ? 'no answer in time' : wordsOf(cause) };
    }
  };
}

/** Returns the reason why a URL is refused, or null. */
function refusal({ protocol, hostname }: URL, allowed: (address: string) => boolean) {
  if (protocol !== 'http:' && protocol !== 'https:')
    return `${protocol} is not http: or https:, so it was not fetched`;
  return refusedAddress(hostname, allowed);
}

type Way = (target: URL) => { agent: Agent; refused: string | null };

async function follow(start: URL, options: SafeFetchOptions, way: Way): Promise<SafeAnswer> {
  let target = start;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const { agent, refused } = way(target);
    if (refused) return { answered: false, why: refused };
    const answer = await request(target, {
      dispatcher: agent,
      signal: options.signal ?? null,
      headers: {
        'user-agent': 'plimsoll',
        accept: '*/*',
        ...(target.origin === start.origin ? options.headers : {}),
      },
    });
    const next = options.follow === false ? null : redirect(answer, target);
    if (!next) return { answered: true, url: target.href, ...(await read(answer)) };
    await answer.body.dump({ limit: mostBody }).catch(() => undefined);
    if (options.leaveOrigin === false && next.origin !== start.origin)
      return elsewhere(answer.statusCode, next);
    target = next;
  }
  return { answered: false, why: `more than ${mostRedirects} redirects` };
}

const elsewhere = (status: number, { origin, pathname }: URL): SafeAnswer => ({
  answered: false,
  why: `${status} leads to ${origin}, which is another site`,
  status,
  leadsTo: `${origin}${pathname}`,
});

function redirect({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL | null {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') return null;
  return URL.parse(location, from.href);
}

async function read({ statusCode, body }: Dispatcher.ResponseData) {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > mostBody) break;
  }
  const text = Buffer.concat(chunks).subarray(0, mostBody).toString('utf8');
  return { status: statusCode, body: text, truncated: size > mostBody };
}

function wordsOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name does not resolve';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection in time';
  if (code === 'ECONNRESET') return 'the connection was closed';
  return message ?? String(cause);
}
