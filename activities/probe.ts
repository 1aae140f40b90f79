import { setTimeout as sleep } from 'node:timers/promises';
import { cancellation } from './git/pulse.ts';
import { createSafeFetch } from './safe-fetch.ts';

export type ProbeResult = { ok: boolean; status: number | null; detail: string; ms: number };
export type ProbeOptions = {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** For the same origin alone. */
  headers?: Record<string, string>;
};

/**
 * One question to an address that the operator configured: 2xx in time is ok, after redirects within the
 * same origin. A redirect to another site (a login page) is not. Throws only the reason of a cancel.
 */
export async function probe(url: string, options: ProbeOptions = {}): Promise<ProbeResult> {
  const started = performance.now();
  const signal = options.signal ?? cancellation();
  const fetch = createSafeFetch({ configured: [url] });
  const { timeoutMs = 10_000, headers = {} } = options;
  const answer = await fetch(url, { timeoutMs, signal, leaveOrigin: false, headers });
  const ms = Math.round(performance.now() - started);
  if (!answer.answered) return { ok: false, status: answer.status ?? null, detail: answer.why, ms };
  const { status } = answer;
  const ok = status >= 200 && status < 300;
  return { ok, status, detail: `${status} in ${ms} ms`, ms };
}

/** A failure counts only if a second question after `confirmMs` fails too. */
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
