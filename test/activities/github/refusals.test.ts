import { describe, expect, test } from 'vitest';
import { createGitHub } from '../../../activities/github/github.ts';
import { localSite } from '../lib/local-site.ts';

const sha = 'a'.repeat(40);
type Answer = { status: number; message: string; headers?: Record<string, string> };

async function asked(
  { status, message, headers = {} }: Answer,
  call: 'checksOf' | 'comment' = 'checksOf',
) {
  const site = await localSite((_, to) => {
    to.writeHead(status, { 'content-type': 'application/json', ...headers });
    to.end(JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest' }));
  });
  const github = createGitHub({ api: site.url, token: 'gh-token', variable: 'GITHUB_TOKEN' });
  const failure: unknown = await (
    call === 'checksOf' ? github.checksOf('acme/shop', sha) : github.comment('acme/shop', 1, 'Hi')
  ).catch((cause: unknown) => cause);
  await site.close();
  return failure;
}

describe('a limit of requests', () => {
  const secondary =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  const remaining = { 'x-ratelimit-remaining': '4000' };

  test.each<[string, Answer, number]>([
    ['a secondary one without any header', { status: 403, message: secondary }, 60_000],
    ['one with requests left', { status: 403, message: secondary, headers: remaining }, 60_000],
    ['one with 429', { status: 429, message: secondary }, 60_000],
    [
      'one of its older name',
      { status: 403, message: 'You have triggered an abuse detection mechanism. Please retry.' },
      60_000,
    ],
    [
      'one that says when',
      { status: 403, message: secondary, headers: { 'retry-after': '7' } },
      7000,
    ],
  ])('is waited for: %s', async (_, answer, wait) => {
    for (const call of ['checksOf', 'comment'] as const)
      expect(await asked(answer, call)).toMatchObject({
        type: 'Unavailable',
        nonRetryable: false,
        nextRetryDelay: wait,
      });
  });
});

describe('a refusal says the cause in the words of GitHub', () => {
  const head = 'GitHub refused the request for the checks of acme/shop at aaaaaaa, because';
  const saml =
    'Resource protected by organization SAML enforcement. You must grant your Personal Access ' +
    'token access to this organization.';
  const list =
    'Although you appear to have the correct authorization credentials, the `acme` organization ' +
    'has an IP allow list enabled, and your IP address is not permitted to access this resource.';
  const kind =
    '`acme` forbids access via a personal access token (classic). Please use a GitHub App.';
  const needs = 'checks (read), commit statuses (read)';

  test.each<[string, Answer, string]>([
    [
      'SAML',
      { status: 403, message: saml },
      `${head} the token in GITHUB_TOKEN is not authorized for its organization (403). GitHub says: "${saml}".\n` +
        'At GitHub, open Settings, Developer settings, Personal access tokens, and authorize the ' +
        'token with "Configure SSO". Or use a GitHub App.',
    ],
    [
      'the IP allow list',
      { status: 403, message: list },
      `${head} the organization does not allow the address of this machine (403). GitHub says: "${list}".\n` +
        "Add the worker's address to the IP allow list of the organization, or run the worker at " +
        'an address of the list.',
    ],
    [
      'a kind of token that is forbidden',
      { status: 403, message: kind },
      `${head} the organization does not allow the kind of the token in GITHUB_TOKEN (403). GitHub says: "${kind}".\n` +
        'Use a GitHub App, or a token of the kind that is allowed: set GITHUB_TOKEN where the ' +
        'worker is started, and start the worker again.',
    ],
    [
      'a fine-grained token at checks',
      {
        status: 403,
        message: 'Resource not accessible by personal access token',
        headers: { 'x-accepted-github-permissions': 'checks=read' },
      },
      `${head} the token in GITHUB_TOKEN has no permission (403). GitHub says: "Resource not accessible by personal access token".\n` +
        'A fine-grained token cannot read the checks of a private repository. Use a GitHub App, or ' +
        'a classic token with the scope repo: set GITHUB_TOKEN where the worker is started, and ' +
        'start the worker again.',
    ],
    [
      'an App without the permission',
      {
        status: 403,
        message: 'Resource not accessible by integration',
        headers: { 'x-accepted-github-permissions': 'checks=read' },
      },
      `${head} the GitHub App of GITHUB_TOKEN has no permission (403). GitHub says: "Resource not accessible by integration".\n` +
        'Give the App these permissions for acme/shop, and accept them in its installation: ' +
        `${needs} (GitHub asks for checks=read).`,
    ],
    [
      'another one, without its secret and without its rest',
      { status: 403, message: `no\n ghp_${'a'.repeat(36)} ${'x'.repeat(500)}` },
      `${head} the token in GITHUB_TOKEN has no permission (403). GitHub says: "no … ${'x'.repeat(235)}…".\n` +
        `Give the token access to acme/shop: ${needs}.`,
    ],
    [
      'a 404',
      { status: 404, message: 'Not Found' },
      'GitHub could not answer the request for the checks of acme/shop at aaaaaaa (404). GitHub says: "Not Found".\n' +
        'Check that "github" in plimsoll.yaml is right, that the token in GITHUB_TOKEN has the ' +
        `permission (${needs}), and that the commit is pushed.`,
    ],
  ])('%s', async (_, answer, message) => {
    expect(await asked(answer)).toMatchObject({ type: 'Misconfigured', message });
  });
});
