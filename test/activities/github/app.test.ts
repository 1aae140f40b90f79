import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { gitToken } from '../../../activities/git/token.ts';
import { accessOf } from '../../../activities/github/access.ts';
import { createGitHub } from '../../../activities/github/github.ts';
import { installationToken } from '../../../activities/github/installation-token.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { liveRow } from '../../../domain/messages/live-check.ts';
import { github as doctor } from '../../../worker/doctor/github.ts';
import { githubLive } from '../../../worker/live/github.ts';
import { hostAndGit } from '../git/host.ts';
import { configOf } from '../../worker/doctor/doctor-fixture.ts';
import { localSite } from '../lib/local-site.ts';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
const { publicKey, privateKey: key } = pair();
const permissions = {
  ...({ checks: 'read', statuses: 'read', administration: 'read', actions: 'read' } as const),
  ...({ issues: 'write', pull_requests: 'write', deployments: 'write' } as const),
  contents: 'write' as const,
};

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let sha: string;
beforeAll(async () => {
  at = await hostAndGit();
  const { repositories } = at.host;
  const app = { id: 4711, installation: 99, publicKey, permissions };
  hub = await startGithub({ board: at.board, repositories, token: 'unused', app });
  [sha] = (await at.host.createRepository('acme/shop', [
    { files: { a: '1' }, message: 'First' },
  ])) as [string];
  hub.setCheckRun('acme/shop', sha, { name: 'unit', status: 'completed' });
});
afterAll(() => Promise.all([hub.close(), at.close()]));
afterEach(() => void vi.useRealTimers());

const access = (over: { id?: number; installation?: number; key?: string } = {}) => ({
  ...{ api: hub.address, variable: 'GITHUB_APP_KEY' },
  app: { id: 4711, installation: 99, key, ...over },
});
const later = (ms: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(Date.now() + ms) });

describe('a GitHub App', () => {
  test('reads with the token of its installation, and with a new one after an hour', async () => {
    const github = createGitHub(access());
    const token = installationToken(access());
    const read = async () => (await github.checksOf('acme/shop', sha)).checkRuns.length;
    expect(await read()).toBe(1);
    const first = await token();
    later(61 * 60_000);
    expect(await read()).toBe(1);
    expect(await token()).not.toBe(first);
  });

  test('gives git the token of its installation', async () => {
    const repository = 'http://127.0.0.1:9/acme/shop.git';
    const app = { id: 4711, installation: 99, key: 'env:GITHUB_APP_KEY' };
    const config = { github: { api: hub.address, app }, projects: { shop: { repository } } };
    const appToken = installationToken(access());
    const secret = () => key;
    expect(await gitToken({ config, secret, appToken })(repository)).toMatch(/^ghs_/);
  });

  test.each([
    ['longer than an hour', new Date(Date.now() + 2 * 3_600_000).toISOString(), 'until 20'],
    ['without an end', undefined, 'without an end'],
  ])('does not use a token that is valid %s', async (_, until, words) => {
    const site = await localSite((request, to) => {
      request.resume();
      to.writeHead(201, { 'content-type': 'application/json' });
      to.end(JSON.stringify({ token: 'ghs_long', expires_at: until, permissions: {} }));
    });
    const over = { ...access(), api: site.url };
    const refused = { type: 'Misconfigured', message: expect.stringContaining(`valid ${words}`) };
    await expect(installationToken(over)()).rejects.toMatchObject(refused);
    await expect(createGitHub(over).checksOf('acme/shop', sha)).rejects.toMatchObject(refused);
    await site.close();
  });

  test.each([
    [
      'a key that is not its own',
      { key: pair().privateKey },
      'GitHub refused the request for the checks of acme/shop at SHA, because it does not know the ' +
        'token in GITHUB_APP_KEY (401). GitHub says: "A JSON web token could not be decoded".\n' +
        'Make a new token, set GITHUB_APP_KEY where the worker is started, and start the worker again.',
    ],
    [
      'an installation that it does not have',
      { installation: 98 },
      'GitHub could not answer the request for the checks of acme/shop at SHA (404). GitHub says: "Not Found".\n' +
        'Check that "github" in plimsoll.yaml is right, that the token in GITHUB_APP_KEY has the ' +
        'permission (checks (read), commit statuses (read)), and that the commit is pushed.',
    ],
  ])('%s is told', async (_, over, message) => {
    await expect(createGitHub(access(over)).checksOf('acme/shop', sha)).rejects.toMatchObject({
      type: 'Misconfigured',
      message: message.replace('SHA', sha.slice(0, 7)),
    });
  });

  test('needs a private key, in one line or in several', () => {
    const site = { api: hub.address, app: { id: 1, installation: 2, key: 'env:GITHUB_APP_KEY' } };
    const oneLine = key.replaceAll('\n', String.raw`\n`);
    expect(accessOf(site, () => oneLine)).toEqual({ app: { id: 1, installation: 2, key } });
    expect(() => accessOf(site, () => 'ghp_secret')).toThrow(
      'GITHUB_APP_KEY is no private key of a GitHub App.\n' +
        'At GitHub, open the App, make a key with "Generate a private key", and put the whole file ' +
        'into GITHUB_APP_KEY, from "-----BEGIN" to "-----END".',
    );
  });
});

describe('doctor with a GitHub App', () => {
  const look = async (given: object) => {
    const { repositories } = at.host;
    const app = { id: 4711, installation: 99, publicKey, permissions: given };
    const site = await startGithub({ board: at.board, repositories, token: 'unused', app });
    const configured = { id: 4711, installation: 99, key: 'env:GITHUB_APP_KEY' };
    const top = { github: { api: site.address, app: configured } };
    const [finding] = await Promise.all(doctor(configOf({ top }), { GITHUB_APP_KEY: key }));
    await site.close();
    return finding;
  };
  const names = {
    checks: 'checks (read)',
    statuses: 'commit statuses (read)',
    issues: 'issues (write)',
    pull_requests: 'pull requests (write)',
    deployments: 'deployments (write)',
    contents: 'contents (write)',
  };

  test('is in order with exactly the documented permissions', async () => {
    expect(await look(permissions)).toEqual({
      check: 'GitHub acme/shop',
      state: 'ok',
      text: 'GITHUB_APP_KEY can read acme/shop; the permissions of the App let it write',
    });
  });

  test.each(Object.entries(names))('names the one that is missing: %s', async (name, words) => {
    expect(await look({ ...permissions, [name]: undefined })).toEqual({
      check: 'GitHub acme/shop',
      state: 'problem',
      text:
        'The GitHub App of GITHUB_APP_KEY lacks permissions at GitHub.\n' +
        `Give the App these permissions, and accept them in its installation for acme/shop: ${words}.`,
    });
  });

  test('says what follows without branch protection', async () => {
    expect(await look({ ...permissions, administration: undefined })).toEqual({
      check: 'GitHub acme/shop',
      state: 'ok',
      text:
        'GITHUB_APP_KEY can read acme/shop; the permissions of the App let it write. GitHub does ' +
        'not show all rules of main (branch protection: 403: Resource not accessible by ' +
        'integration), so the required checks are those in tests.required and in the rules that ' +
        'GitHub shows',
    });
  });

  test('names a right to write that is only a right to read', async () => {
    expect((await look({ ...permissions, issues: 'read' }))?.text).toContain('issues (write)');
  });
});

describe('doctor --live with a GitHub App', () => {
  const look = async (given: typeof permissions | object, secret = key) => {
    const app = { id: 4711, installation: 99, publicKey, permissions: given };
    const { repositories } = at.host;
    const site = await startGithub({ board: at.board, repositories, token: 'unused', app });
    const configured = { id: 4711, installation: 99, key: 'env:GITHUB_APP_KEY' };
    const top = { github: { api: site.address, app: configured } };
    const [live] = githubLive(configOf({ top }), { GITHUB_APP_KEY: secret });
    const tried = await live!.run();
    await site.close();
    return (call: string) => tried.filter((one) => one.call === call).flatMap(liveRow);
  };
  const pulls = 'POST /repos/{owner}/{repo}/pulls';
  const makeToken = 'POST /app/installations/{installation_id}/access_tokens';
  const row = (verdict: string, use: string, permission: string) =>
    `${verdict.padEnd(11)}${use.padEnd(50)} ${permission}`;

  test('reads with the token of the installation, and shows what the App may write', async () => {
    const row_ = await look(permissions);
    const permission = 'the private key of the App';
    expect(row_(makeToken)).toEqual([row('ok', 'get the token of a GitHub App', permission)]);
    expect(row_('GET /repos/{owner}/{repo}')).toEqual([
      row('ok', 'find the repository', 'Metadata: read'),
    ]);
    expect(row_(pulls)).toEqual([
      row('ok', 'open the pull request of a revert', 'Pull requests: write'),
      '           the installation of the App has pull_requests: write',
    ]);
  });

  test('says where to give a permission that is missing', async () => {
    const row_ = await look({ ...permissions, pull_requests: 'read' });
    expect(row_(pulls)).toEqual([
      row('refused', 'open the pull request of a revert', 'Pull requests: write'),
      '           the installation of the App has pull_requests: read',
      '           The token of GITHUB_APP_KEY lacks: Pull requests: write. Give the permission to the GitHub ' +
        `App, and accept the permission in the installation. Call: ${pulls}`,
    ]);
  });

  test('says that a value is no private key, and that a key is of another App', async () => {
    const none = await look(permissions, 'ghp_secret');
    expect(none(makeToken)).toEqual([
      row('failed', 'get the token of a GitHub App', 'the private key of the App'),
      '           GITHUB_APP_KEY is no private key of a GitHub App.',
      expect.stringMatching(/^ {11}At GitHub, open the App, make a key with/),
      `           Run the command again. Call: ${makeToken}`,
    ]);
    const other = await look(permissions, pair().privateKey);
    expect(other(makeToken)).toEqual([
      row('refused', 'get the token of a GitHub App', 'the private key of the App'),
      '           401: A JSON web token could not be decoded',
      '           GitHub does not accept the token in GITHUB_APP_KEY. Make a new token. ' +
        `Call: ${makeToken}`,
    ]);
    expect(other('GET /repos/{owner}/{repo}')).toEqual([
      row('not tried', 'find the repository', 'Metadata: read'),
      '           there is no token for the repository',
    ]);
  });
});
