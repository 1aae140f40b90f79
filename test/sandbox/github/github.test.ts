import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as contract from './github-contract.ts';
import { client, githubFixture, name, shop } from './github-fixture.ts';
import type { GithubFixture } from './github-fixture.ts';

let fixture: GithubFixture;
beforeEach(async () => {
  fixture = await githubFixture();
});
afterEach(() => fixture.close());

const effects = () => fixture.board.effects.map(({ at: _, ...effect }) => effect);
const refused = async (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (error) => `${error.status} ${error.response?.data?.message ?? error.message}`,
  );

describe('who may ask', () => {
  test('nobody without a token, nobody with a wrong one', async () => {
    const { github } = fixture;
    const get = (token?: string) => client(github.address, token).rest.repos.get(shop);
    expect(await refused(get())).toBe('401 Requires authentication');
    expect(await refused(get('wrong'))).toBe('401 Bad credentials');
    expect((await get('secret-token')).data.full_name).toBe(name);
  });

  test('what is not there is 404', async () => {
    const { octokit } = fixture;
    const other = { owner: 'acme', repo: 'other' };
    expect(await refused(octokit.rest.issues.listForRepo(other))).toBe('404 Not Found');
    expect(await refused(octokit.request('GET /gists'))).toBe('404 Not Found');
    const issue = octokit.rest.issues.get({ ...shop, issue_number: 9 });
    expect(await refused(issue)).toBe('404 Not Found');
  });
});

describe('check runs', () => {
  test('the latest run of every name, over all pages', async () => {
    const { github, octokit, third } = fixture;
    github.setCheckRun(name, third, { name: 'unit', status: 'completed', conclusion: 'failure' });
    github.setCheckRun(name, third, { name: 'unit', status: 'queued' });
    github.setCheckRun(name, third, { name: 'unit', status: 'completed', conclusion: 'success' });
    github.setCheckRun(name, third, { name: 'lint', status: 'in_progress' });
    const seen = await octokit.paginate(octokit.rest.checks.listForRef, {
      ...shop,
      ref: third,
      per_page: 1,
    });
    expect(seen.map((run) => [run.name, run.status, run.conclusion])).toEqual([
      ['lint', 'in_progress', null],
      ['unit', 'completed', 'success'],
    ]);
    const filter = 'all';
    const all = await octokit.rest.checks.listForRef({ ...shop, ref: 'main', filter });
    expect(all.data.total_count).toBe(3);
    contract.CheckRuns.parse(all.data);
  });

  test('none for another commit, 422 for an unknown one', async () => {
    const { github, octokit, first, third } = fixture;
    github.setCheckRun(name, third, { name: 'unit', status: 'completed' });
    const none = await octokit.rest.checks.listForRef({ ...shop, ref: first });
    expect(none.data).toEqual({ total_count: 0, check_runs: [] });
    const ref = 'f'.repeat(40);
    const unknown = octokit.rest.checks.listForRef({ ...shop, ref });
    expect(await refused(unknown)).toBe(`422 No commit found for SHA: ${ref}`);
  });
});

describe('the combined status', () => {
  const state = async () => {
    const { octokit, third } = fixture;
    const { data } = await octokit.rest.repos.getCombinedStatusForRef({ ...shop, ref: third });
    return contract.CombinedStatus.parse(data).state;
  };
  test('is pending without any, and the worst of the newest', async () => {
    const { github, third } = fixture;
    expect(await state()).toBe('pending');
    github.setStatus(name, third, { context: 'ci', state: 'success' });
    expect(await state()).toBe('success');
    github.setStatus(name, third, { context: 'audit', state: 'error' });
    expect(await state()).toBe('failure');
    github.setStatus(name, third, { context: 'audit', state: 'pending' });
    expect(await state()).toBe('pending');
  });
});

describe('issues', () => {
  test('are commented, closed and reopened', async () => {
    const { github, octokit } = fixture;
    const { number } = github.createIssue(name, { title: 'Broken', labels: ['bug'] });
    const issue = { ...shop, issue_number: number };
    await octokit.rest.issues.createComment({ ...issue, body: 'Shipped <!-- release:1 -->' });
    const closing = { ...issue, state: 'closed', state_reason: 'completed' } as const;
    const closed = contract.Issue.parse((await octokit.rest.issues.update(closing)).data);
    expect([closed.state, closed.state_reason, closed.comments]).toEqual([
      'closed',
      'completed',
      1,
    ]);
    expect((await octokit.rest.issues.listForRepo(shop)).data).toEqual([]);
    const comments = await octokit.rest.issues.listComments(issue);
    expect(comments.data.map(({ body }) => body)).toEqual(['Shipped <!-- release:1 -->']);
    contract.Comment.parse(comments.data[0]);
    const opened = await octokit.rest.issues.update({ ...issue, state: 'open' });
    expect(opened.data).toMatchObject({ state: 'open', state_reason: 'reopened', closed_at: null });
    expect(effects()).toEqual([
      { service: 'github', operation: 'createComment', detail: 'acme/shop#1' },
      { service: 'github', operation: 'updateIssue', detail: 'acme/shop#1 closed' },
      { service: 'github', operation: 'updateIssue', detail: 'acme/shop#1 open' },
    ]);
  });

  test('refuse an empty comment and an unknown state, without an effect', async () => {
    const { github, octokit } = fixture;
    const issue = { ...shop, issue_number: github.createIssue(name, { title: 'A' }).number };
    const empty = octokit.rest.issues.createComment({ ...issue, body: '' });
    expect(await refused(empty)).toBe('422 Validation Failed');
    const wrong = octokit.rest.issues.update({ ...issue, state: 'done' as 'open' });
    expect(await refused(wrong)).toBe('422 Validation Failed');
    expect(effects()).toEqual([]);
  });
});

describe('commits', () => {
  test('are compared as git sees them', async () => {
    const { octokit, first, third, second } = fixture;
    const compare = async (basehead: string) =>
      contract.Comparison.parse(
        (await octokit.rest.repos.compareCommitsWithBasehead({ ...shop, basehead })).data,
      );
    const ahead = await compare(`${first}...main`);
    expect([ahead.status, ahead.ahead_by, ahead.behind_by]).toEqual(['ahead', 2, 0]);
    expect(ahead.commits.map((commit) => commit.sha)).toEqual([second, third]);
    expect(ahead.commits[1]?.commit.message).toBe('Third\n\nFixes #1');
    expect(ahead.files.map((file) => [file.status, file.filename, file.changes])).toEqual([
      ['modified', 'a.txt', 1],
      ['removed', 'b.txt', 1],
      ['added', 'c.txt', 1],
    ]);
    expect((await compare(`main...${first}`)).status).toBe('behind');
    expect((await compare('main...main')).status).toBe('identical');
    const { repositories } = fixture;
    await repositories.commit(name, { files: {}, message: 'Fourth' });
    expect((await compare('main...feature')).status).toBe('diverged');
  });

  test('a commit knows its author; an option is no ref', async () => {
    const { octokit, feature } = fixture;
    const { data } = await octokit.rest.repos.getCommit({ ...shop, ref: 'feature' });
    expect([data.sha, data.commit.author?.email]).toEqual([feature, 'ada@example.test']);
    const option = octokit.rest.repos.getCommit({ ...shop, ref: '--all' });
    expect(await refused(option)).toBe('422 No commit found for SHA: --all');
  });
});

describe('pull requests', () => {
  const wanted = { ...shop, title: 'Feature', head: 'feature', base: 'main' };
  test('are created once, and found by head and by commit', async () => {
    const { octokit, feature } = fixture;
    const { data } = await octokit.rest.pulls.create(wanted);
    contract.Pull.parse(data);
    expect([data.number, data.head.sha, data.state]).toEqual([1, feature, 'open']);
    expect(await refused(octokit.rest.pulls.create(wanted))).toBe('422 Validation Failed');
    const listed = await octokit.rest.pulls.list({ ...shop, head: 'acme:feature', base: 'main' });
    expect(listed.data.map((pull) => pull.number)).toEqual([1]);
    const commit = { ...shop, commit_sha: feature };
    const found = await octokit.rest.repos.listPullRequestsAssociatedWithCommit(commit);
    expect(found.data.map((pull) => pull.title)).toEqual(['Feature']);
    expect(effects()).toEqual([
      { service: 'github', operation: 'createPull', detail: 'acme/shop#1 feature' },
    ]);
  });

  test('a merged one belongs to the commit that it became', async () => {
    const { github, octokit, third, second } = fixture;
    github.createPull(name, { title: 'Merged', head: 'gone', mergedAs: third });
    const of = async (commit_sha: string) =>
      (
        await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...shop, commit_sha })
      ).data.map((pull) => [pull.title, pull.state, pull.merge_commit_sha]);
    expect(await of(third)).toEqual([['Merged', 'closed', third]]);
    expect(await of(second)).toEqual([]);
  });

  test('nothing to merge is refused', async () => {
    const { octokit } = fixture;
    const same = octokit.rest.pulls.create({ ...wanted, head: 'main' });
    expect(await refused(same)).toBe('422 Validation Failed');
    const unknown = octokit.rest.pulls.create({ ...wanted, head: 'nowhere' });
    expect(await refused(unknown)).toBe('422 Validation Failed');
    expect(effects()).toEqual([]);
  });
});

describe('deployments', () => {
  const wanted = (ref: string) => ({
    ...shop,
    ref,
    environment: 'production',
    auto_merge: false,
    required_contexts: [],
    payload: { releaseId: 'r1' },
  });
  test('are created, found by commit, and given statuses', async () => {
    const { octokit, third } = fixture;
    const created = await octokit.rest.repos.createDeployment(wanted(third));
    expect(created.status).toBe(201);
    const { id } = contract.Deployment.parse(created.data);
    const listed = await octokit.rest.repos.listDeployments({ ...shop, sha: third });
    expect(listed.data.map(({ payload }) => payload)).toEqual([{ releaseId: 'r1' }]);
    const status = { ...shop, deployment_id: id, state: 'success' } as const;
    const set = await octokit.rest.repos.createDeploymentStatus(status);
    contract.DeploymentStatus.parse(set.data);
    const of = { ...shop, deployment_id: id };
    const statuses = await octokit.rest.repos.listDeploymentStatuses(of);
    expect(statuses.data.map(({ state }) => state)).toEqual(['success']);
    expect(effects().map(({ operation }) => operation)).toEqual([
      'createDeployment',
      'createDeploymentStatus',
    ]);
  });

  test('have the traps of the real one: 409 on a failed status, 202 for an auto-merge', async () => {
    const { github, octokit, third, repositories } = fixture;
    github.setStatus(name, third, { context: 'ci', state: 'failure' });
    const { required_contexts: _, ...checked } = wanted('main');
    expect(await refused(octokit.rest.repos.createDeployment(checked))).toBe(
      '409 Conflict: Commit status checks failed for main.',
    );
    await repositories.commit(name, { files: {}, message: 'Fourth' });
    const merging = { ...wanted('feature'), auto_merge: true };
    const merged = await octokit.rest.repos.createDeployment(merging);
    expect([merged.status, merged.data]).toEqual([
      202,
      { message: 'Auto-merged main into feature on deployment.' },
    ]);
    const unknown = octokit.rest.repos.createDeployment(wanted('nowhere'));
    expect(await refused(unknown)).toBe('422 No ref found for: nowhere');
    expect(effects()).toEqual([]);
  });
});

describe('the contract check turns red', () => {
  const runs = async () => {
    const { github, octokit, third } = fixture;
    github.setCheckRun(name, third, { name: 'unit', status: 'completed', conclusion: 'success' });
    const { data } = await octokit.rest.checks.listForRef({ ...shop, ref: third });
    return data;
  };
  test('green as it is', async () => {
    expect(contract.CheckRuns.safeParse(await runs()).success).toBe(true);
  });
  test('when conclusion is missing', async () => {
    const data = await runs();
    const check_runs = data.check_runs.map(({ conclusion: _, ...run }) => run);
    const result = contract.CheckRuns.safeParse({ ...data, check_runs });
    expect(result.error?.issues[0]?.path).toEqual(['check_runs', 0, 'conclusion']);
  });
  test('when a status has another name', async () => {
    const data = await runs();
    const check_runs = data.check_runs.map((run) => ({ ...run, status: 'done' }));
    const result = contract.CheckRuns.safeParse({ ...data, check_runs });
    expect(result.error?.issues[0]?.path).toEqual(['check_runs', 0, 'status']);
  });
  test('when a completed run has no conclusion', async () => {
    const data = await runs();
    const check_runs = data.check_runs.map((run) => ({ ...run, conclusion: null }));
    expect(contract.CheckRuns.safeParse({ ...data, check_runs }).success).toBe(false);
  });
  test('without its Link header a real client sees one page of many', async () => {
    const { github, octokit, third } = fixture;
    for (const run of ['a', 'b', 'c'])
      github.setCheckRun(name, third, { name: run, status: 'completed' });
    const query = { ...shop, ref: third, per_page: 2 };
    const all = await octokit.paginate(octokit.rest.checks.listForRef, query);
    octokit.hook.after('request', (response) => void delete response.headers.link);
    const cut = await octokit.paginate(octokit.rest.checks.listForRef, query);
    expect([all.length, cut.length]).toEqual([3, 2]);
  });
});
