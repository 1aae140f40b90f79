import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../sandbox/board.ts';
import { githubFixture, name, shop } from './github-fixture.ts';
import type { GithubFixture } from './github-fixture.ts';

let fixture: GithubFixture;
let issue_number = 0;
beforeEach(async () => {
  fixture = await githubFixture();
  issue_number = fixture.github.createIssue(name, { title: 'Broken' }).number;
});
afterEach(() => fixture.close());

const arm = (kind: FaultKind, match = '/comments') =>
  fixture.board.arm({ service: 'github', match, kind, times: 1 });
const post = () => fixture.octokit.rest.issues.createComment({ ...shop, issue_number, body: 'Hi' });
const stored = () => fixture.github.state(name).comments.length;
const effects = () => fixture.board.effects.map(({ operation }) => operation);
const failure = async (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error) => error,
  );

describe('the faults of a comment', () => {
  test('429: a secondary limit that says how long to wait, and no effect', async () => {
    arm('429');
    const error = await failure(post());
    expect(error.status).toBe(403);
    expect(error.response.headers['retry-after']).toBe('1');
    expect(Number(error.response.headers['x-ratelimit-remaining'])).toBeGreaterThan(0);
    expect([stored(), effects()]).toEqual([0, []]);
    expect((await post()).status).toBe(201);
  });

  test('500-before leaves no effect', async () => {
    arm('500-before');
    expect((await failure(post())).status).toBe(500);
    expect([stored(), effects()]).toEqual([0, []]);
  });

  test('500-after leaves exactly one', async () => {
    arm('500-after');
    expect((await failure(post())).status).toBe(500);
    expect([stored(), effects()]).toEqual([1, ['createComment']]);
  });

  test('drop-before leaves no effect', async () => {
    arm('drop-before');
    expect((await failure(post())).message).toMatch(/other side closed|fetch failed|socket/i);
    expect([stored(), effects()]).toEqual([0, []]);
  });

  test('drop-after leaves exactly one', async () => {
    arm('drop-after');
    expect((await failure(post())).message).toMatch(/other side closed|fetch failed|socket/i);
    expect([stored(), effects()]).toEqual([1, ['createComment']]);
  });

  test('slow answers late and truly', async () => {
    arm('slow');
    const start = performance.now();
    expect((await post()).status).toBe(201);
    expect(performance.now() - start).toBeGreaterThan(190);
    expect([stored(), effects()]).toEqual([1, ['createComment']]);
  });

  test('hold: the effect is there, the answer is not', async () => {
    arm('hold');
    let answered = false;
    const answer = post().finally(() => {
      answered = true;
    });
    await expect.poll(() => fixture.board.holding).toBe(1);
    expect([stored(), effects(), answered]).toEqual([1, ['createComment'], false]);
    fixture.board.release();
    expect((await answer).status).toBe(201);
  });

  test('hold survives a client that is gone', async () => {
    arm('hold');
    const signal = AbortSignal.timeout(100);
    const { octokit } = fixture;
    const body = 'Hi';
    const gone = octokit.rest.issues.createComment({
      ...shop,
      issue_number,
      body,
      request: { signal },
    });
    expect((await failure(gone)).message).toMatch(/aborted/);
    expect([stored(), effects()]).toEqual([1, ['createComment']]);
    fixture.board.release();
    expect((await post()).status).toBe(201);
  });

  test('lying-status acknowledges a comment and loses it', async () => {
    arm('lying-status');
    expect((await post()).data.body).toBe('Hi');
    expect([stored(), effects()]).toEqual([0, []]);
  });
});

describe('lies of reads', () => {
  test('finished checks are said to be in progress, statuses pending', async () => {
    const { github, octokit, third } = fixture;
    github.setCheckRun(name, third, { name: 'unit', status: 'completed', conclusion: 'success' });
    github.setStatus(name, third, { context: 'ci', state: 'success' });
    arm('lying-status', 'check-runs');
    arm('lying-status', '/status');
    const of = { ...shop, ref: third };
    const read = async () => [
      (await octokit.rest.checks.listForRef(of)).data.check_runs[0]?.status,
      (await octokit.rest.repos.getCombinedStatusForRef(of)).data.state,
    ];
    expect(await read()).toEqual(['in_progress', 'pending']);
    expect(await read()).toEqual(['completed', 'success']);
  });

  test('an issue is shown as it was, comments without the newest', async () => {
    const { octokit } = fixture;
    const issue = { ...shop, issue_number };
    await post();
    arm('lying-status', 'GET');
    expect((await octokit.rest.issues.get(issue)).data.state).toBe('closed');
    arm('lying-status', 'GET');
    expect((await octokit.rest.issues.listComments(issue)).data).toEqual([]);
    expect((await octokit.rest.issues.listComments(issue)).data).toHaveLength(1);
  });

  test('a lie that is not defined says so', async () => {
    arm('lying-status', 'compare');
    const basehead = 'main...main';
    const call = fixture.octokit.rest.repos.compareCommitsWithBasehead({ ...shop, basehead });
    expect(String(await failure(call))).toContain(
      'This stand-in does not support GET /repos/acme/shop/compare/main...main, or it does not support this call under the fault lying-status.',
    );
  });
});

test.each(['updateIssue', 'createDeployment', 'createPull'])(
  'a lost answer of %s leaves one effect, a lie none',
  async (operation) => {
    const { octokit, third } = fixture;
    const act: Record<string, () => Promise<unknown>> = {
      updateIssue: () => octokit.rest.issues.update({ ...shop, issue_number, state: 'closed' }),
      createDeployment: () =>
        octokit.rest.repos.createDeployment({ ...shop, ref: third, required_contexts: [] }),
      createPull: () =>
        octokit.rest.pulls.create({ ...shop, title: 'F', head: 'feature', base: 'main' }),
    };
    const before = JSON.stringify(fixture.github.state(name));
    arm('lying-status', '/repos');
    await act[operation]?.();
    expect([effects(), JSON.stringify(fixture.github.state(name))]).toEqual([[], before]);
    arm('500-after', '/repos');
    expect((await failure(act[operation]!())).status).toBe(500);
    expect(effects()).toEqual([operation]);
  },
);
