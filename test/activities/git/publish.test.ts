import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPublish } from '../../../activities/git/publish.ts';
import type { FaultKind } from '../../../sandbox/board.ts';
import { planFor } from '../../support/plan.ts';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let repository: string;
let counted = 0;
beforeAll(async () => {
  at = await hostAndGit();
});
afterAll(() => at.close());
beforeEach(() => {
  at.board.clear();
  at.board.effects.length = 0;
  counted += 1;
  repository = `acme/publish-${counted}`;
});

/**
 * Makes three commits. main points to the second commit, and the branch `next` points to the third.
 */
const three = async () => {
  const shas = await at.host.createRepository(repository, [
    { files: { a: '0' }, message: 'Zero' },
    { files: { a: '1' }, message: 'One' },
    { files: { a: '2' }, message: 'Two', branch: 'next' },
  ]);
  return shas as [string, string, string];
};

const publish = (sha: string, branch = 'main') => {
  const target = { ...planFor().target, repository: at.host.url(repository) };
  const deploy = { deployId: 'd-1', project: 'shop', environment: 'production', sha };
  const { publishCommit } = createPublish({ git: at.git });
  return new MockActivityEnvironment().run(publishCommit, { deploy, target, branch });
};
const told = (publishing: Promise<unknown>) =>
  publishing.catch(({ type, message }: { type: string; message: string }) => ({
    type,
    lines: message.replaceAll(/http:\S+\.git/g, 'REPOSITORY').split('\n'),
  }));
const main = () => at.host.head(repository);
const arm = (kind: FaultKind, match = 'push') =>
  at.board.arm({ service: 'git', match, kind, times: 1 });
const pushes = () => at.board.effects.length;

test('a commit that the branch does not hold is pushed to it, once', async () => {
  const [, , next] = await three();
  expect(await publish(next)).toEqual({ published: 'done' });
  expect(await main()).toBe(next);
  expect(await publish(next)).toEqual({ published: 'already' });
  expect(pushes()).toBe(1);
});

test('a branch that went on beyond it is left as it is', async () => {
  const [zero, one] = await three();
  expect(await publish(zero)).toEqual({ published: 'already' });
  expect([await main(), pushes()]).toEqual([one, 0]);
});

test('what others pushed is never overwritten', async () => {
  const [, , next] = await three();
  const theirs = await at.host.commit(repository, { files: { b: '1' }, message: 'Theirs' });
  expect(await told(publish(next))).toEqual({
    type: 'Refused',
    lines: [
      `${next.slice(0, 7)} cannot be pushed to main of REPOSITORY, because it does not contain ${theirs.slice(0, 7)}, the newest commit of the branch.`,
      'Nothing was touched, and no commit of other people was overwritten. Rebase or merge, then deploy the new commit.',
    ],
  });
  expect([await main(), pushes()]).toEqual([theirs, 0]);
});

test('a branch that moves while it is pushed to is read again', async () => {
  const [, one, next] = await three();
  // The answer shows an old commit of main, so --force-with-lease makes the push fail. The next
  // read shows the right commit.
  arm('lying-status', 'ls-refs');
  expect(await publish(next)).toEqual({ published: 'done' });
  expect([await main(), pushes()]).toEqual([next, 1]);
  expect(one).not.toBe(next);
});

test('a push that was acknowledged and lost is pushed again', async () => {
  const [, , next] = await three();
  arm('lying-status');
  expect(await publish(next)).toEqual({ published: 'done' });
  expect([await main(), pushes()]).toEqual([next, 1]);
});

test.each(['500-after', 'drop-after'] as const)(
  '%s: the next attempt looks first',
  async (kind) => {
    const [, , next] = await three();
    arm(kind);
    expect(await told(publish(next))).toMatchObject({ type: 'UnknownOutcome' });
    expect(await publish(next)).toEqual({ published: 'already' });
    expect(pushes()).toBe(1);
  },
);

test('a protected branch says how to bring the commit there', async () => {
  const [, , next] = await three();
  at.host.protect(repository, ['main']);
  expect(await told(publish(next))).toEqual({
    type: 'RejectedByPlatform',
    lines: [
      expect.stringMatching(
        new RegExp(
          `^${next.slice(0, 7)} was not pushed to main of REPOSITORY: .*GH006: Protected branch update failed`,
        ),
      ),
      `Nothing was touched. Merge the pull request of the commit, or push the commit by hand: git push origin ${next.slice(0, 7)}:main`,
      'Then deploy again.',
    ],
  });
  expect(pushes()).toBe(0);
});

test('a missing branch is reported', async () => {
  const [, , next] = await three();
  expect(await told(publish(next, 'release'))).toEqual({
    type: 'RejectedByPlatform',
    lines: [
      `${next.slice(0, 7)} was not pushed to release of REPOSITORY: there is no such branch.`,
      'Nothing was touched. Merge the pull request of the commit, or push the commit by hand: git push origin release',
      'Then deploy again.',
    ],
  });
});
