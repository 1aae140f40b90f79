import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { boundedFetch } from '../lib/http.ts';
import type { Access } from './access.ts';
import { followRenames } from './follow-renames.ts';

const timeoutMs = 15_000;

const silent = () => undefined;

const auth = (access: Access) => {
  if ('token' in access) return { auth: access.token };
  const { id, installation, key } = access.app;
  return {
    authStrategy: createAppAuth,
    auth: { appId: id, installationId: installation, privateKey: key },
  };
};

/** Makes an Octokit client without Octokit's own retries, throttling and log. */
export function octokitFor(api: string, access: Access): Octokit {
  const octokit = new Octokit({
    ...auth(access),
    baseUrl: api.replace(/\/$/, ''),
    userAgent: 'plimsoll',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: followRenames(api, boundedFetch(timeoutMs)) },
  });
  octokit.hook.after('request', (response: { status: number; data: unknown }) => {
    const { status, data } = response;
    // Octokit would read a successful answer without a body as an empty list.
    if (status === 200 && !data) throw new Error('GitHub sent an answer without a body');
    // Octokit would read a redirect as success.
    if (status >= 300) throw Object.assign(new Error('Moved'), { status, response });
  });
  return octokit;
}
