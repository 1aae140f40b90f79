import { Octokit } from '@octokit/rest';
import { boundedFetch } from '../lib/http.ts';

const timeoutMs = 15_000;

const silent = () => undefined;

/** Makes an Octokit client without Octokit's own retries, throttling and log. */
export function octokitFor(api: string, token: string): Octokit {
  const octokit = new Octokit({
    auth: token,
    baseUrl: api.replace(/\/$/, ''),
    userAgent: 'plimsoll',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: boundedFetch(timeoutMs) },
  });
  // Octokit would read a successful answer without a body as an empty list.
  octokit.hook.after('request', ({ status, data }: { status: number; data: unknown }) => {
    if (status === 200 && !data) throw new Error('GitHub sent an answer without a body');
  });
  return octokit;
}
