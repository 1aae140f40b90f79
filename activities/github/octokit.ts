import { Octokit } from '@octokit/rest';
import { cancellation } from '../git/pulse.ts';

const timeoutMs = 15_000;

/** Every call ends: by its answer, by the time-out, or by the cancel of the activity. */
const boundedFetch: typeof fetch = (url, init) => {
  const signals = [AbortSignal.timeout(timeoutMs), cancellation()].filter(
    (one) => one !== undefined,
  );
  return fetch(url, { ...init, signal: AbortSignal.any(signals) });
};

const silent = () => undefined;

/** Without retries, throttling and words of its own. */
export function octokitFor(api: string, token: string): Octokit {
  const octokit = new Octokit({
    auth: token,
    baseUrl: api.replace(/\/$/, ''),
    userAgent: 'plimsoll',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: boundedFetch },
  });
  // Its lists would take a success without a body for a list without entries.
  octokit.hook.after('request', ({ status, data }: { status: number; data: unknown }) => {
    if (status === 200 && !data) throw new Error('GitHub answered nothing');
  });
  return octokit;
}
