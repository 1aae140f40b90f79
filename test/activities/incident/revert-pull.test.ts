import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGitHub } from '../../../activities/github/github.ts';
import { createRevert } from '../../../activities/incident/revert.ts';
import type { Cause, Plan } from '../../../domain/deploy/plan.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let name: string;
let count = 0;
let good: string, bad: string;
const cause: Cause = { kind: 'watch', blames: 'release', detail: 'errors rose' };
const branch = 'plimsoll/revert-deploy-1';

beforeAll(async () => {
  at = await hostAndGit();
  const { repositories } = at.host;
  hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
});
afterAll(() => Promise.all([hub.close(), at.close()]));
beforeEach(async () => {
  at.board.clear();
  at.board.effects.length = 0;
  count += 1;
  name = `acme/shop-${count}`;
  const made = await at.host.createRepository(name, [
    { files: { app: 'good\n' }, message: 'Good' },
    { files: { app: 'bad\n' }, message: 'Bad' },
  ]);
  [good, bad] = made as [string, string];
});

const client = (api = hub.address) =>
  createGitHub({ api, token: 'gh-token', variable: 'GITHUB_TOKEN' });
const revert = (over: Partial<Plan> = {}, github: ReturnType<typeof client> | null = client()) =>
  createRevert({ git: at.git, github }).revertMain({
    plan: planFor({ sha: bad, repository: at.host.url(name), github: name, ...over }),
    rolledBackTo: { id: 'x', sha: good },
    cause,
  });
const protect = () => at.host.protect(name, ['main']);
const counted = (operation: string) =>
  at.board.effects.filter((effect) => effect.operation === operation).length;
const wanted = { revert: 'pull-request' as const };
const url = () => `${hub.address}/${name}/pull/1`;
const opened = () => ({
  sha: null,
  note: `main still contains ${bad.slice(0, 7)}, so a person must merge pull request #1: ${url()}`,
  pull: { number: 1, url: url() },
});

describe('a revert that the protected branch refuses', () => {
  test('becomes a pull request, and main stays as it is', async () => {
    protect();
    expect(await revert()).toEqual(opened());
    expect(await at.host.head(name)).toBe(bad);
    const [pull] = hub.state(name).pulls;
    expect(pull).toMatchObject({
      head: branch,
      base: 'main',
      title: `Revert ${bad.slice(0, 7)} of shop`,
    });
    expect(pull?.body).toBe(
      `${bad.slice(0, 7)} was rolled back in production of shop. main still contains it: the ` +
        'next deploy of main would release it again. Merge this pull request to revert it.\n\n' +
        'The revert was not pushed, because main is protected: pre-receive hook declined: error: ' +
        'GH006: Protected branch update failed for refs/heads/main.; error: Changes must be made ' +
        `through a pull request.; failed to push some refs to '${at.host.url(name)}'.\n\n` +
        `This reverts commit ${bad}.\n\n` +
        `Release-Id: ${bad.slice(0, 12)}-0a1b2c3d\n` +
        'Plimsoll-Deploy: deploy-1',
    );
    const { git } = at.host.repositories;
    expect(await git(name, ['show', `${branch}:app`])).toBe('good');
  });

  test.each([
    ['the branch was pushed and nobody heard it', 'git', `push POST`, 'drop-after'],
    ['the pull request was opened and nobody heard it', 'github', 'POST', '500-after'],
    ['the pull request was not opened', 'github', 'POST', '500-before'],
    ['GitHub said yes and lost it', 'github', 'POST', 'lying-status'],
  ] as const)(
    'is one pull request whatever is tried again: %s',
    async (_, service, match, kind) => {
      at.board.arm({ service, match, kind, times: 1 });
      await expect(revert(wanted)).rejects.toMatchObject({ type: 'UnknownOutcome' });
      expect(await revert(wanted)).toEqual(opened());
      expect(await revert(wanted)).toEqual(opened());
      expect(hub.state(name).pulls).toHaveLength(1);
      expect(counted('push')).toBe(1);
    },
  );

  test('is not asked for twice, nor again once a person closed it', async () => {
    protect();
    await revert();
    expect(await revert()).toEqual(opened());
    expect(counted('createPull')).toBe(1);
    const closed = { number: 1, url: url(), state: 'closed' as const, merged: false };
    let tried = 0;
    const openPull = async () => (tried += 1) > 0;
    const github = { ...client(), pullFrom: async () => closed, openPull };
    expect((await revert({}, github)).note).toBe(
      `main still contains ${bad.slice(0, 7)}: pull request #1 was closed without a merge: ${url()}`,
    );
    expect(tried).toBe(0);
  });

  test('is found on main once a person merged it', async () => {
    protect();
    await revert();
    const { git } = at.host.repositories;
    const merged = await git(name, ['rev-parse', branch]);
    await git(name, ['update-ref', 'refs/heads/main', merged]);
    expect(await revert()).toEqual({ sha: merged, note: `reverted by ${merged.slice(0, 7)}` });
  });

  test('is left to a person where there is no GitHub', async () => {
    protect();
    await expect(revert({}, null)).rejects.toMatchObject({ type: 'NeedsPerson' });
    await expect(revert({ github: null })).rejects.toMatchObject({ type: 'NeedsPerson' });
    expect(hub.state(name).pulls).toEqual([]);
  });

  test('is left to a person where its own branch may not be pushed either', async () => {
    at.host.protect(name, ['main', branch]);
    await expect(revert()).rejects.toMatchObject({
      type: 'NeedsPerson',
      message:
        `main was not reverted, because the worker may not push the branch ${branch} (pre-receive hook declined: ` +
        `error: GH006: Protected branch update failed for refs/heads/${branch}.; ` +
        'error: Changes must be made through a pull request.; ' +
        `failed to push some refs to '${at.host.url(name)}').\n` +
        `Production is rolled back, but main still contains ${bad.slice(0, 7)}. Revert this commit by hand in a pull request: ` +
        `git revert ${bad}`,
    });
  });
});

describe('a revert by pull request', () => {
  test('never pushes to the branch', async () => {
    expect(await revert(wanted)).toEqual(opened());
    expect(at.board.effects.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(new RegExp(`^refs/heads/${branch} `)),
      `${name}#1 ${branch}`,
    ]);
    expect(hub.state(name).pulls[0]?.body).not.toContain('It was not pushed');
  });

  test('needs GitHub, and says so', async () => {
    await expect(revert(wanted, null)).rejects.toThrow(
      'main was not reverted: a pull request is required, but GitHub is not configured.',
    );
  });

  test('a push that is not refused needs no GitHub at all', async () => {
    const github = client('http://127.0.0.1:1');
    const { sha } = await revert({}, github);
    expect(await at.host.head(name)).toBe(sha);
  });

  test('that the token may not open names what the token needs', async () => {
    const site = await localSite((_, to) => {
      to.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"no"}');
    });
    await expect(revert(wanted, client(site.url))).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        `GitHub refused the request for the pull requests of ${name} from ${branch}, ` +
        'because the token in GITHUB_TOKEN has no permission (403). GitHub says: "no".\n' +
        `Give the token access to ${name}: contents (write), pull requests (write).`,
    });
    await site.close();
  });
});
