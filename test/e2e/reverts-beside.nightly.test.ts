import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { environment, eventually, projectIn, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { thereAndBack, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const repository = 'acme/shop';
/** Two projects in one repository. The deployed commit changes both projects. */
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'shop', hosts: 1, folder: 'apps/shop', next: samples.failsLater(60) },
  { ...good, name: 'blog', hosts: 1, folder: 'apps/blog', beside: 'shop' },
];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fleetProjects });
});
afterAll(() => stack?.close());

const git = (...args: string[]) => stack.fleet.sandbox.git.repositories.git(repository, args);
const releaseOf = async (project: string, at = 'main') =>
  JSON.parse(await git('show', `${at}:apps/${project}/release.json`)) as { name: string };

/** Merges a branch of the blog. The Git host makes the merge commit, which has two parents. */
async function mergePost(): Promise<{ side: string; merge: string }> {
  const commit = (path: string, branch?: string) =>
    stack.fleet.sandbox.git.commit(repository, {
      files: { [path]: 'text\n' },
      message: `Write ${path}`,
      ...(branch ? { branch } : {}),
    });
  const side = await commit('apps/blog/side.md', 'post');
  const main = await commit('apps/shop/later.md');
  const tree = await git('merge-tree', '--write-tree', main, side);
  const by = ['-c', 'user.name=Sam', '-c', 'user.email=sam@example.test'];
  const merge = await git(...by, 'commit-tree', tree, '-p', main, '-p', side, '-m', 'Merge post');
  await git('update-ref', 'refs/heads/main', merge);
  return { side, merge };
}

let pushed: { side: string; merge: string };
let reverted: string;

test('a bad release of one project is rolled back, and only its paths are reverted', async () => {
  await stack.deploy('shop');
  await stack.reached('shop', 'approval');
  await stack.approve('shop');
  await stack.reached('shop', 'watch');
  pushed = await mergePost();
  // The push succeeds, but its answer is lost. The next attempt makes the same commit and finds
  // this commit on the Git host.
  await stack.fault('git', `push POST /${repository}.git`, '500-after');
  const report = await stack.report('shop');
  expect(report).toMatchObject({ outcome: 'rolled-back', touched: true });
  const after = await stack.aftermath(report);
  expect(after).toMatchObject({ quarantined: true, revertSha: expect.any(String) });
  reverted = after.revertSha ?? '';
  expect(await stack.effectsOf('shop')).toEqual(thereAndBack(['shop-1'], false));
  expect((await stack.truthOf('shop')).served).toEqual(['old old old']);
  expect(await releaseOf('shop')).toEqual({ name: 'good 1' });
});

test('one push; what was pushed and merged meanwhile is kept, of both projects', async () => {
  const pushes = stack.fleet.sandbox.board.effects.filter(({ operation }) => operation === 'push');
  expect(pushes.map(({ detail }) => detail)).toEqual([
    expect.stringContaining(`${pushed.merge}..${reverted}`),
  ]);
  expect(await git('rev-parse', 'main', 'main^', 'main^^2')).toBe(
    [reverted, pushed.merge, pushed.side].join('\n'),
  );
  expect(await git('rev-list', '--parents', '-1', 'main')).toBe(`${reverted} ${pushed.merge}`);
  const changed = await git('diff', '--name-only', pushed.merge, 'main');
  expect(changed.split('\n')).toEqual(['apps/shop/README.md', 'apps/shop/release.json']);
  const files = (await git('ls-tree', '-r', '--name-only', 'main')).split('\n');
  expect(files).toEqual(expect.arrayContaining(['apps/blog/side.md', 'apps/shop/later.md']));
});

test('the other project was not touched, and deploys the same branch', async () => {
  expect(await stack.effectsOf('blog')).toEqual(untouched);
  expect((await stack.truthOf('blog')).served).toEqual(['old old old']);
  expect(await releaseOf('blog')).toEqual({ name: 'good 2' });
  const run = { name: 'ci', status: 'completed', conclusion: 'success' } as const;
  stack.fleet.sandbox.github.setCheckRun(repository, reverted, run);
  await stack.deploy('blog');
  await stack.reached('blog', 'approval');
  // Neither Sam nor the author of the revert is a known person, so two people must approve.
  await stack.approve('blog');
  await stack.approve('blog', 'robin');
  await stack.reached('blog', 'watch');
  const { hosts } = projectIn(stack.fleet, 'blog');
  await eventually('the blog serves the revert', async () => {
    const reply = await fetch(`${hosts[0]?.url}/version`);
    return ((await reply.json()) as { sha: string }).sha === reverted;
  });
  expect((await stack.cli(['abort', 'blog', environment])).code).toBe(0);
  expect(await stack.report('blog')).toMatchObject({ outcome: 'rolled-back' });
  expect(await git('rev-parse', 'main')).toBe(reverted);
});
