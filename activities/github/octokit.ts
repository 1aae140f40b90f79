import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { boundedFetch } from '../lib/http.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { final } from '../lib/fail.ts';
import type { Access } from './access.ts';
import { followRenames } from './follow-renames.ts';

const timeoutMs = 15_000;
/** The largest answer in bytes. An artifact may have 20 MB. */
const mostBytes = 21 * 1024 * 1024;

const silent = () => undefined;

const auth = (access: Access) => {
  if ('token' in access) return { auth: access.token };
  const { id, installation, key } = access.app;
  return {
    authStrategy: createAppAuth,
    auth: { appId: id, installationId: installation, privateKey: key },
  };
};

const ofTheCall = ['baseUrl', 'headers', 'mediaType', 'method', 'request', 'url'];

/** Removes secrets from the texts of a request, such as the title of an issue. */
function cleanTexts(options: object) {
  for (const [name, value] of Object.entries(options))
    if (!ofTheCall.includes(name)) Object.assign(options, { [name]: knownSecrets.cleanAll(value) });
}

type Answer = { status: number; data: unknown };

/** The token of an installation is valid for one hour. Clocks may differ by five minutes. */
const mostValidMs = 65 * 60_000;

/**
 * Throws a final failure of type 'misconfigured' if a new token of an installation is valid for
 * longer than an hour. GitHub makes no such token, so another program answered.
 */
function refuseLongLived(data: unknown) {
  const { expires_at: until } = data as { expires_at?: string };
  const leftMs = Date.parse(until ?? '') - Date.now();
  if (leftMs <= mostValidMs) return;
  throw final(
    failures.misconfigured,
    'The token that was made for the GitHub App is valid ' +
      `${Number.isNaN(leftMs) ? 'without an end' : `until ${until}`}, but GitHub makes tokens for one ` +
      'hour, so this token is not used.\n' +
      "Check that github.api in plimsoll.yaml is the address of GitHub's API, and that the clock of " +
      "the worker's machine is right.",
  );
}

/** Makes an Octokit client without Octokit's own retries, throttling and log. */
export function octokitFor(api: string, access: Access): Octokit {
  const octokit = new Octokit({
    ...auth(access),
    baseUrl: api.replace(/\/$/, ''),
    userAgent: 'plimsoll',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: followRenames(api, boundedFetch(timeoutMs, mostBytes)) },
  });
  octokit.hook.before('request', cleanTexts);
  octokit.hook.after('request', (response: Answer, { url }) => {
    const { status, data } = response;
    // Octokit would read a successful answer without a body as an empty list.
    if (status === 200 && !data) throw new Error('GitHub sent an answer without a body');
    // Octokit would read a redirect as success.
    if (status >= 300) throw Object.assign(new Error('Moved'), { status, response });
    if (url.endsWith('/access_tokens')) refuseLongLived(data);
  });
  return octokit;
}
