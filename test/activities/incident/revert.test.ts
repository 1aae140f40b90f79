import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRevert } from '../../../activities/incident/revert.ts';
import type { Cause, Plan } from '../../../domain/deploy/plan.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let name: string;
let count = 0;
const cause: Cause = { kind: 'watch', blames: 'release', detail: 'errors rose' };

beforeAll(async () => {
  at = await hostAndGit();
});
afterAll(() => at.close());
beforeEach(() => {
  at.board.clear();
  at.board.effects.length = 0;
  count += 1;
  name = `acme/shop-${count}`;
});

const plain = async () => {
  const [good, bad] = await at.host.createRepository(name, [
    { files: { app: 'good\n', other: '1\n' }, message: 'Good' },
    { files: { app: 'bad\n', extra: 'new\n' }, message: 'Bad' },
  ]);
  return { good: good!, bad: bad! };
};
const planOf = (sha: string, over: Partial<Plan> = {}) =>
  planFor({ sha, repository: at.host.url(name), ...over });
const release = (sha: string) => ({ id: `${sha.slice(0, 12)}-x`, sha });
const revert = (plan: Plan, rolledBackTo: string) =>
  createRevert({ git: at.git, github: null }).revertMain({
    plan,
    rolledBackTo: release(rolledBackTo),
    cause,
  });
const git = (...args: string[]) => at.host.repositories.git(name, args);
const filesOn = (ref: string) => git('ls-tree', '-r', '--name-only', ref);
const pushes = () => at.board.effects.filter((effect) => effect.operation === 'push').length;

describe('the revert of main', () => {
  test('is one commit with the content of the rollback target, the commits that it reverts and its key', async () => {
    const { good, bad } = await plain();
    const { sha, note } = await revert(planOf(bad), good);
    expect(await at.host.head(name)).toBe(sha);
    expect(note).toBe(`reverted by ${sha!.slice(0, 7)}`);
    expect(await git('rev-parse', `${sha}^`)).toBe(bad);
    expect(await git('rev-parse', `${sha}^{tree}`)).toBe(await git('rev-parse', `${good}^{tree}`));
    expect(await git('log', '-1', '--format=%an <%ae> %aI %cn %cI%n%B', sha!)).toBe(
      'Plimsoll <plimsoll@localhost> 2026-11-24T06:00:00+00:00 Plimsoll 2026-11-24T06:00:00+00:00\n' +
        `Revert to ${good.slice(0, 7)}: ${bad.slice(0, 7)} was rolled back (watch)\n\n` +
        `This reverts commit ${bad}.\n\n` +
        `Release-Id: ${bad.slice(0, 12)}-0a1b2c3d\nPlimsoll-Deploy: deploy-1\n`,
    );
  });

  test('keeps what others pushed since', async () => {
    const { good, bad } = await plain();
    await at.host.commit(name, { files: { theirs: 'kept\n', other: '2\n' }, message: 'Theirs' });
    await revert(planOf(bad), good);
    expect((await filesOn('main')).split('\n')).toEqual(['app', 'other', 'theirs']);
    expect(await git('show', 'main:app')).toBe('good');
    expect(await git('show', 'main:other')).toBe('2');
  });

  test('reverts a merge commit that was deployed', async () => {
    const { good, bad } = await plain();
    const side = await at.host.commit(name, { files: { side: 's\n' }, message: 'S', branch: 's' });
    const tree = await git('merge-tree', '--write-tree', bad, side);
    const identity = ['-c', 'user.name=S', '-c', 'user.email=s@example.test'];
    const args = ['commit-tree', tree, '-p', bad, '-p', side, '-m', 'Merge'];
    const merge = await git(...identity, ...args);
    await git('update-ref', 'refs/heads/main', merge);
    await revert(planOf(merge), good);
    expect((await filesOn('main')).split('\n')).toEqual(['app', 'other']);
  });

  test('tried again finds its commit on main, also under later ones, and pushes nothing', async () => {
    const { good, bad } = await plain();
    const first = await revert(planOf(bad), good);
    const again = await revert(planOf(bad), good);
    await at.host.commit(name, { files: { later: '1' }, message: 'Later' });
    const later = await revert(planOf(bad), good);
    expect([again.sha, later.sha]).toEqual([first.sha, first.sha]);
    expect(pushes()).toBe(1);
  });

  test('is the same commit when it is made twice, so a second push changes nothing', async () => {
    const { good, bad } = await plain();
    at.board.arm({ service: 'git', match: 'push POST', kind: '500-before', times: 1 });
    await expect(revert(planOf(bad), good)).rejects.toMatchObject({ type: 'UnknownOutcome' });
    const second = await revert(planOf(bad), good);
    await git('update-ref', 'refs/heads/main', bad);
    const third = await revert(planOf(bad), good);
    expect(third.sha).toBe(second.sha);
  });

  test.each(['500-after', 'drop-after'] as const)(
    'whose push got no answer (%s) is searched for, not pushed again',
    async (kind) => {
      const { good, bad } = await plain();
      at.board.arm({ service: 'git', match: 'push POST', kind, times: 1 });
      const { sha } = await revert(planOf(bad), good);
      expect(await at.host.head(name)).toBe(sha);
      expect(pushes()).toBe(1);
    },
  );

  test('plans anew when main moves under its lease', async () => {
    const { good, bad } = await plain();
    const racing = {
      ...at.git,
      push: async (...args: Parameters<typeof at.git.push>) => {
        if (pushesTried === 0)
          await at.host.commit(name, { files: { race: '1' }, message: 'Race' });
        pushesTried += 1;
        return at.git.push(...args);
      },
    };
    let pushesTried = 0;
    const { sha } = await createRevert({ git: racing, github: null }).revertMain({
      plan: planOf(bad),
      rolledBackTo: release(good),
      cause,
    });
    expect(pushesTried).toBe(2);
    expect(await at.host.head(name)).toBe(sha);
    expect((await filesOn('main')).split('\n')).toEqual(['app', 'other', 'race']);
  });
});

describe('the revert of main is left', () => {
  test('to a person when it conflicts, with the files', async () => {
    const { good, bad } = await plain();
    const theirs = await at.host.commit(name, { files: { app: 'fixed\n' }, message: 'Fix' });
    await expect(revert(planOf(bad), good)).rejects.toMatchObject({
      type: 'NeedsPerson',
      nonRetryable: true,
      message:
        'main was not reverted, because later commits conflict with the revert in app.\n' +
        `Production is rolled back, but main still contains ${bad.slice(0, 7)}. Revert ` +
        `the commits after ${good.slice(0, 7)} by hand: git revert ${good}..${bad}`,
    });
    expect(await at.host.head(name)).toBe(theirs);
  });

  test('to a person when the branch is protected, with the words of the server', async () => {
    const { good, bad } = await plain();
    at.host.protect(name, ['main']);
    const failure = await revert(planOf(bad), good).catch((cause: Error) => cause);
    expect(failure).toMatchObject({ type: 'NeedsPerson', nonRetryable: true });
    expect((failure as Error).message).toBe(
      `main was not reverted: ${at.host.url(name)} refused the push: pre-receive hook declined: ` +
        'error: GH006: Protected branch update failed for refs/heads/main.; ' +
        'error: Changes must be made through a pull request.; ' +
        `failed to push some refs to '${at.host.url(name)}'.\n` +
        `Production is rolled back, but main still contains ${bad.slice(0, 7)}. Revert this commit by hand ` +
        `or in a pull request: git revert ${bad}`,
    );
    expect(await at.host.head(name)).toBe(bad);
  });

  test('undone where nothing is to be reverted', async () => {
    const { good, bad } = await plain();
    const side = await at.host.commit(name, { files: { s: '1' }, message: 'S', branch: 'side' });
    const short = (sha: string) => sha.slice(0, 7);
    expect(await revert(planOf(bad, { revert: 'off' }), good)).toEqual({
      sha: null,
      note: `not reverted (revert: off): main still contains ${short(bad)}`,
      settled: true,
    });
    expect(await revert(planOf(side), good)).toEqual({
      sha: null,
      note: `nothing to revert: ${short(side)} is not on main`,
      settled: true,
    });
    expect(await revert(planOf(bad), bad)).toEqual({
      sha: null,
      note:
        `nothing to revert: production rolled back to the same commit ${short(bad)}; only ` +
        'the settings differed',
      settled: true,
    });
    expect(await revert(planOf(good), bad)).toEqual({
      sha: null,
      note: `nothing to revert: ${short(bad)} is the newer commit`,
      settled: true,
    });
    await at.host.commit(name, { files: { app: 'good\n', extra: null }, message: 'By hand' });
    expect(await revert(planOf(bad), good)).toEqual({
      sha: null,
      note: 'nothing to revert: main already has that content',
      settled: true,
    });
    expect(pushes()).toBe(0);
  });
});
