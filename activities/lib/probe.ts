import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from './access.ts';
import { cancellation } from './temporal-context.ts';
import { createSafeFetch } from './safe-fetch/safe-fetch.ts';

export type ProbeResult = { ok: boolean; status: number | null; detail: string; ms: number };
/** The probe sends the headers only to the origin of the first URL. */
export type ProbeOptions = {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
} & Access;

/**
 * Sends one request to an address that the operator configured. Follows redirects within the same
 * origin. The result is ok only if the last answer is 2xx and comes in time. A redirect to another
 * site, such as a login page, is not ok. Throws only if the activity or `signal` is cancelled.
 */
export async function probe(url: string, options: ProbeOptions = {}): Promise<ProbeResult> {
  const started = performance.now();
  const signal = options.signal ?? cancellation();
  const { headers = {}, certificates = [] } = options;
  const fetch = createSafeFetch({ configured: [url], certificates });
  const { timeoutMs = 10_000 } = options;
  const answer = await fetch(url, { timeoutMs, signal, leaveOrigin: false, headers });
  const ms = Math.round(performance.now() - started);
  if (!answer.answered) return { ok: false, status: answer.status ?? null, detail: answer.why, ms };
  const { status } = answer;
  const ok = status >= 200 && status < 300;
  return { ok, status, detail: `${status} in ${ms} ms`, ms };
}

/**
 * Probes an address. After a failure, waits `confirmMs` and probes the address again. The result is
 * a failure only if both probes fail.
 */
export async function confirmedProbe(
  url: string,
  { confirmMs, ...options }: ProbeOptions & { confirmMs: number },
): Promise<ProbeResult> {
  const first = await probe(url, options);
  if (first.ok) return first;
  await sleep(confirmMs, undefined, { signal: options.signal ?? cancellation() });
  const second = await probe(url, options);
  return second.ok ? second : { ...second, detail: `${second.detail}, twice` };
}
