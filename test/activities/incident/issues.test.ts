import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGitHub } from '../../../activities/github/github.ts';
import { createIssues } from '../../../activities/incident/issues.ts';
import { createRevert } from '../../../activities/incident/revert.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let name: string;
let count = 0;
let good: string, bad: string;
const marker = '<!-- plimsoll:reopened:deploy-1 -->';

beforeAll(async () => {
  at = await hostAndGit();
  const { repositories } = at.host;
  hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
});
afterAll(() => Promise.all([hub.close(), at.close()]));
/** Makes the issues 1 to 4. The commits of the bad release close the issues 1 to 3. */
beforeEach(async () => {
  count += 1;
  name = `acme/shop-${count}`;
  const made = await at.host.createRepository(name, [
    { files: { 'shop/a': '1', 'blog/a': '1' }, message: 'First' },
    { files: { 'shop/a': '2' }, message: 'Cards\n\nFixes #1, closes #2' },
    { files: { 'blog/a': '2' }, message: 'A post\n\nFixes #3' },
  ]);
  [good, bad] = [made[0]!, made[2]!];
  for (let i = 0; i < 4; i += 1) hub.createIssue(name, { title: 'Cards' });
  at.board.clear();
  at.board.effects.length = 0;
});

const client = () => createGitHub({ api: hub.address, token: 'gh-token', variable: 'T' });
const issues = () => createIssues({ git: at.git, github: client() });
const planOf = (over: Partial<Plan> = {}) =>
  planFor({
    sha: bad,
    repository: at.host.url(name),
    rollbackTarget: { id: 'x', sha: good },
    github: name,
    ...over,
  });
const reopen = (over: Partial<Plan> = {}) =>
  issues().reopenIssues({ plan: planOf(over), rolledBackTo: { id: 'x', sha: good } });
const close = async (...numbers: number[]) => {
  for (const number of numbers) await client().closeIssue(name, number);
};
const states = () => hub.state(name).issues.map(({ state }) => state);
const comments = () => hub.state(name).comments.map(({ issue, comment }) => [issue, comment.body]);
const revert = (over: Partial<Plan> = {}) =>
  createRevert({ git: at.git, github: null }).revertMain({
    plan: planOf(over),
    rolledBackTo: { id: 'x', sha: good },
    cause: { kind: 'watch', blames: 'release', detail: 'errors rose' },
  });

describe('issues of a release that was rolled back', () => {
  test('that were closed at merge are reopened, each with one comment that says why', async () => {
    await close(1, 3);
    expect(await reopen()).toEqual({ reopened: [1, 3] });
    expect(states()).toEqual(['open', 'open', 'open', 'open']);
    const words =
      `Reopened: ${bad.slice(0, 7)} was rolled back in production of shop, so the fix for this ` +
      'issue is no longer live.\n\n' +
      `${marker}`;
    expect(comments()).toEqual([
      [1, words],
      [3, words],
    ]);
  });

  test('that Plimsoll itself closed for an earlier deploy of the commit are reopened', async () => {
    const { closed } = await issues().closeIssues({ plan: planOf({ deployId: 'deploy-0' }) });
    expect(closed).toEqual([1, 2, 3]);
    expect((await reopen()).reopened).toEqual([1, 2, 3]);
  });

  test('that a person closed as not planned, and issues of nobody, stay', async () => {
    await close(1, 4);
    const { octokit } = await import('../../sandbox/github/github-fixture.ts').then(
      ({ client: make }) => ({
        octokit: make(hub.address, 'gh-token'),
      }),
    );
    const [owner = '', repo = ''] = name.split('/');
    const change = { state: 'closed', state_reason: 'not_planned' } as const;
    await octokit.rest.issues.update({ owner, repo, issue_number: 2, ...change });
    expect(await reopen()).toEqual({ reopened: [1] });
    expect(states()).toEqual(['open', 'closed', 'open', 'closed']);
  });

  test.each([
    ['the comment', 'POST', '500-after'],
    ['the reopening', 'PATCH', '500-after'],
    ['the reopening, not done', 'PATCH', '500-before'],
  ] as const)('get one comment when no answer came to %s', async (_, match, kind) => {
    await close(1);
    at.board.arm({ service: 'github', match, kind, times: 1 });
    await expect(reopen()).rejects.toMatchObject({ type: 'UnknownOutcome' });
    expect(await reopen()).toEqual({ reopened: [1] });
    expect(states()[0]).toBe('open');
    expect(comments()).toHaveLength(1);
  });

  test('are only those of the paths of the project', async () => {
    await close(1, 3);
    expect((await reopen({ paths: ['shop'] })).reopened).toEqual([1]);
    expect(states()).toEqual(['open', 'open', 'closed', 'open']);
  });

  test('stay where another environment owns the branch, and without GitHub', async () => {
    await close(1);
    expect(await reopen({ ownsBranch: false })).toEqual({ reopened: [] });
    expect(await reopen({ github: null })).toEqual({ reopened: [] });
    const none = createIssues({ git: at.git, github: null });
    const input = { plan: planOf(), rolledBackTo: { id: 'x', sha: good } };
    expect(await none.reopenIssues(input)).toEqual({ reopened: [] });
    expect(states()[0]).toBe('closed');
  });
});

describe('a later deploy', () => {
  const later = async (message: string) => {
    const sha = await at.host.commit(name, { files: { 'shop/b': '1' }, message });
    const plan = planOf({ sha, deployId: 'deploy-2' });
    return (await issues().closeIssues({ plan })).closed;
  };

  test('closes no issue of a reverted commit, and the issues of later commits', async () => {
    await revert();
    expect(await later('More\n\nFixes #4')).toEqual([4]);
  });

  test('closes them once the revert was reverted', async () => {
    const { sha } = await revert();
    expect(await later(`Reapply\n\nThis reverts commit ${sha}.`)).toEqual([1, 2, 3]);
  });

  test('closes those of the neighbour that the revert of one project left', async () => {
    await revert({ paths: ['shop'] });
    const sha = await at.host.commit(name, { files: { 'blog/b': '1' }, message: 'Post' });
    const plan = planOf({ sha, project: 'blog', paths: ['blog'], deployId: 'deploy-2' });
    expect(await issues().closeIssues({ plan })).toEqual({ closed: [3] });
  });

  test('closes none of a merge that a person reverted as a whole', async () => {
    const { git } = at.host.repositories;
    const main = await at.host.head(name);
    const branch = 'side';
    await at.host.commit(name, { files: { s: '1' }, message: 'S\n\nFixes #4', branch });
    const side = (await at.host.head(name, branch))!;
    const tree = await git(name, ['merge-tree', '--write-tree', main!, side]);
    const who = ['-c', 'user.name=S', '-c', 'user.email=s@example.test'];
    const parents = ['-p', main!, '-p', side];
    const merge = await git(name, [...who, 'commit-tree', tree, ...parents, '-m', 'Merge']);
    await git(name, ['update-ref', 'refs/heads/main', merge]);
    const text = `Revert "Merge"\n\nThis reverts commit ${merge}, reversing\nchanges made to ${main}.`;
    expect(await later(text)).toEqual([1, 2, 3]);
  });
});
