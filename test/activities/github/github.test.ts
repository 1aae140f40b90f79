import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGitHub } from '../../../activities/github/github.ts';
import { createIssues, issuesClosedBy } from '../../../activities/incident/issues.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';
import { localSite } from '../lib/local-site.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let shas: string[];
const name = 'acme/shop';

beforeAll(async () => {
  at = await hostAndGit();
  hub = await startGithub({
    board: at.board,
    repositories: at.host.repositories,
    token: 'gh-token',
  });
  shas = await at.host.createRepository(name, [
    { files: { a: '1' }, message: 'First' },
    { files: { a: '2' }, message: 'Take cards\n\nFixes #1, closes #2, resolves: acme/shop#3' },
    { files: { a: '3' }, message: 'Tidy (fixes other/place#9, fixes #99)' },
  ]);
});
afterAll(() => Promise.all([hub.close(), at.close()]));
afterEach(() => {
  at.board.clear();
  at.board.effects.length = 0;
});
const client = (token = 'gh-token', api = hub.address) =>
  createGitHub({ api, token, variable: 'GITHUB_TOKEN' });

describe('checks', () => {
  test('are the newest run of each check and the newest status of each context, over all pages', async () => {
    const sha = shas[1]!;
    hub.setCheckRun(name, sha, { name: 'unit', status: 'completed', conclusion: 'failure' });
    hub.setCheckRun(name, sha, { name: 'unit', status: 'completed', conclusion: 'success' });
    for (let i = 0; i < 130; i += 1) {
      hub.setCheckRun(name, sha, { name: `run-${i}`, status: 'queued' });
      hub.setStatus(name, sha, { context: `status-${i}`, state: 'pending' });
    }
    const { checkRuns, statuses } = await client().checksOf(name, sha);
    expect(checkRuns).toHaveLength(131);
    expect(statuses).toHaveLength(130);
    expect(checkRuns.filter((run) => run.name === 'unit')).toEqual([
      {
        ...{ id: expect.any(Number), suite: 1 },
        ...{ name: 'unit', status: 'completed', conclusion: 'success' },
      },
    ]);
    expect(statuses[0]).toEqual({ context: 'status-0', state: 'pending' });
  });

  test('of a bad token are a mistake of the configuration, naming the variable', async () => {
    await expect(client('nope').checksOf(name, shas[0]!)).rejects.toMatchObject({
      type: 'Misconfigured',
      nonRetryable: true,
      message:
        `GitHub refused the request for the checks of acme/shop at ${shas[0]!.slice(0, 7)}, ` +
        'because it does not know the token in GITHUB_TOKEN (401). GitHub says: "Bad credentials".\n' +
        'Make a new token, set GITHUB_TOKEN where the worker is started, and start the worker again.',
    });
  });

  test('of a commit that GitHub does not have say so', async () => {
    const sha = 'e'.repeat(40);
    await expect(client().checksOf(name, sha)).rejects.toMatchObject({
      type: 'Misconfigured',
      message:
        'GitHub could not answer the request for the checks of acme/shop at eeeeeee (422). GitHub ' +
        `says: "No commit found for SHA: ${sha}".\n` +
        'Check that "github" in plimsoll.yaml is right, that the token in GITHUB_TOKEN has the ' +
        'permission (checks (read), commit statuses (read)), and that the commit is pushed.',
    });
  });

  test('are asked again after a limit, an outage or a dropped line, never by the client', async () => {
    const sha = shas[0]!;
    at.board.arm({ service: 'github', match: 'check-runs', kind: '429', times: 1 });
    await expect(client().checksOf(name, sha)).rejects.toMatchObject({
      type: 'Unavailable',
      nextRetryDelay: 1000,
    });
    for (const kind of ['500-before', 'drop-before'] as const) {
      at.board.arm({ service: 'github', match: 'check-runs', kind, times: 1 });
      await expect(client().checksOf(name, sha)).rejects.toMatchObject({
        type: 'Unavailable',
        nonRetryable: false,
      });
      expect(at.board.armed).toEqual([]);
    }
  });

  test('in an unknown form are no answer', async () => {
    const site = await localSite((_, to) => {
      to.setHeader('content-type', 'application/json');
      to.end(
        JSON.stringify({ total_count: 1, check_runs: [{ id: 1, name: 'a', status: 'completed' }] }),
      );
    });
    await expect(client('gh-token', site.url).checksOf(name, shas[0]!)).rejects.toThrow(
      `GitHub answered the request for the checks of acme/shop at ${shas[0]!.slice(0, 7)} ` +
        'in an unknown form (field "0.conclusion").',
    );
    await site.close();
  });

  test('that may not be read name what the token needs', async () => {
    const site = await localSite((_, to) => {
      to.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"no"}');
    });
    await expect(client('gh-token', site.url).checksOf(name, shas[0]!)).rejects.toThrow(
      `GitHub refused the request for the checks of acme/shop at ${shas[0]!.slice(0, 7)}, because the token in GITHUB_TOKEN has no permission (403). GitHub says: "no".\n` +
        'Give the token access to acme/shop: checks (read), commit statuses (read).',
    );
    await site.close();
  });
});

describe('issues', () => {
  const plan = () =>
    planFor({
      repository: at.host.url(name),
      sha: shas[2]!,
      rollbackTarget: { id: 'x', sha: shas[0]! },
      github: name,
    });
  const effects = () => at.board.effects.map(({ operation }) => operation);

  test('named by shipped commits get one comment and are closed; others are left', async () => {
    const [open, done] = [1, 2].map(() => hub.createIssue(name, { title: 'Cards' }));
    const pull = hub.createPull(name, { title: 'P', head: 'main', base: 'main' });
    expect([open!.number, done!.number, pull.number]).toEqual([1, 2, 3]);
    const { closeIssues } = createIssues({ git: at.git, github: client() });
    at.board.arm({ service: 'github', match: 'POST', kind: '500-after', times: 1 });
    await expect(closeIssues({ plan: plan() })).rejects.toMatchObject({ type: 'UnknownOutcome' });
    expect(await closeIssues({ plan: plan() })).toEqual({ closed: [1, 2] });
    expect(await closeIssues({ plan: plan() })).toEqual({ closed: [1, 2] });
    expect(effects().filter((operation) => operation === 'createComment')).toHaveLength(2);
    expect(effects().filter((operation) => operation === 'updateIssue')).toHaveLength(2);
    const { issues, comments } = hub.state(name);
    expect(issues.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(comments[0]?.comment.body).toBe(
      `Deployed to production of shop with ${shas[2]!.slice(0, 7)}. The watch proved the ` +
        'release healthy.\n\n' +
        '<!-- plimsoll:deploy-1 -->',
    );
  });

  test('are left alone by an environment that does not own the branch, and without GitHub', async () => {
    const { closeIssues } = createIssues({ git: at.git, github: client() });
    const staging = { ...plan(), ownsBranch: false };
    expect(await closeIssues({ plan: staging })).toEqual({ closed: [] });
    const none = createIssues({ git: at.git, github: null });
    expect(await none.closeIssues({ plan: plan() })).toEqual({ closed: [] });
    expect(effects()).toEqual([]);
  });
});

describe('what a commit closes', () => {
  const of = (...messages: string[]) =>
    issuesClosedBy(
      messages.map((message, i) => ({ sha: String(i).repeat(40), message })),
      'acme/shop',
    );

  test.each([
    ['Fix #1', [1]],
    ['fixes: #12 and CLOSED #3', [3, 12]],
    ['resolves https://github.com/acme/shop/issues/4', [4]],
    ['resolved GH-7', [7]],
    ['Closes Acme/Shop#5', [5]],
    ['closes other/repo#5', []],
    ['see #5, prefix #6, fixing #7', []],
    ['fixes #0', []],
  ])('%j', (message, numbers) => expect(of(message)).toEqual(numbers));

  test('is nothing once it is reverted, and something again when the revert is', () => {
    expect(of(`This reverts commit ${'1'.repeat(40)}.`, 'fixes #1', 'fixes #2')).toEqual([2]);
    expect(
      of(
        `This reverts commit ${'1'.repeat(40)}.`,
        `This reverts commit ${'2'.repeat(40)}.`,
        'fixes #1',
      ),
    ).toEqual([1]);
  });
});
