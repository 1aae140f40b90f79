import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { request } from 'undici';
import type { Agent, Dispatcher } from 'undici';
import { guardedAgent, refusedText } from './safe-fetch/guarded-agent.ts';
import { isConfigurableAddress, isPublicAddress } from './safe-fetch/public-address.ts';

export type SafeAnswer =
  | { answered: true; status: number; body: string; truncated: boolean; url: string }
  /** No answer, or none that may be had; `why` is for people, `status` of one that was not followed. */
  | { answered: false; why: string; status?: number };

export type SafeFetchOptions = {
  /** From sending to the end of the body, over all redirects. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** False: a redirect to another origin is an answer that is not followed. */
  leaveOrigin?: boolean;
  /** For the origin that is asked first, and no other. */
  headers?: Record<string, string>;
};
export type SafeFetch = (url: string, options?: SafeFetchOptions) => Promise<SafeAnswer>;

const mostRedirects = 3;
const mostBody = 64 * 1024;

type Deps = {
  /** Origins that the operator configured: private and loopback are meant. */
  configured: readonly string[];
  lookup?: LookupFunction;
};

/**
 * GET with the address judged at connect time: outside the configured origins only the public internet, on
 * every redirect (at most 3) anew. At most 64 KB of body. Throws nothing but the reason of `signal`.
 */
export function createSafeFetch({ configured, lookup }: Deps): SafeFetch {
  const trusted = new Set(configured.map((url) => new URL(url).origin));
  const inside = guardedAgent(isConfigurableAddress, lookup);
  const outside = guardedAgent(isPublicAddress, lookup);
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

/** Literals never reach the lookup; the URL parser has already undone decimal, octal and hex spellings. */
function refusal({ protocol, hostname }: URL, allowed: (address: string) => boolean) {
  if (protocol !== 'http:' && protocol !== 'https:') return `${protocol} is not fetched`;
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && !allowed(address) ? refusedText(address, address) : null;
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
    const next = redirect(answer, target);
    if (!next) return { answered: true, url: target.href, ...(await read(answer)) };
    await answer.body.dump({ limit: mostBody }).catch(() => undefined);
    if (options.leaveOrigin === false && next.origin !== start.origin)
      return elsewhere(answer.statusCode, next);
    target = next;
  }
  return { answered: false, why: `more than ${mostRedirects} redirects` };
}

const elsewhere = (status: number, { origin }: URL): SafeAnswer => ({
  answered: false,
  why: `${status} leads to ${origin}, another site`,
  status,
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
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name does not resolve';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection in time';
  return message ?? String(cause);
}
