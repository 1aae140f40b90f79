import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRevert } from '../../../activities/incident/revert.ts';
import type { Cause } from '../../../domain/deploy/plan.ts';
import { hostAndGit } from '../git/host.ts';
import { planFor } from '../plan/plan-fixture.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let name: string;
let count = 0;
let good: string, blog: string, bad: string;
const cause: Cause = { kind: 'watch', blames: 'release', detail: 'errors rose' };

beforeAll(async () => {
  at = await hostAndGit();
});
afterAll(() => at.close());
/**
 * Makes one repository for shop and blog. The repository has a good release, a post, and a bad
 * release of the shop with a new file.
 */
beforeEach(async () => {
  at.board.clear();
  at.board.effects.length = 0;
  count += 1;
  name = `acme/both-${count}`;
  const made = await at.host.createRepository(name, [
    {
      files: { 'apps/shop/app': 'good\n', 'apps/blog/post': '1\n', 'apps/shop-tools/t': '1\n' },
      message: 'Good',
    },
    { files: { 'apps/blog/post': '2\n' }, message: 'A post' },
    { files: { 'apps/shop/app': 'bad\n', 'apps/shop/new': 'n\n' }, message: 'Bad' },
  ]);
  [good, blog, bad] = made as [string, string, string];
});

const git = (...args: string[]) => at.host.repositories.git(name, args);
const read = (path: string) => git('show', `main:${path}`);
const files = async () => (await git('ls-tree', '-r', '--name-only', 'main')).split('\n');
const revert = (sha = bad, paths = ['apps/shop'], rolledBackTo = good) =>
  createRevert({ git: at.git, github: null }).revertMain({
    plan: planFor({ sha, repository: at.host.url(name), paths }),
    rolledBackTo: { id: 'x', sha: rolledBackTo },
    cause,
  });
const merge = async (first: string, second: string, message: string) => {
  const tree = await git('merge-tree', '--write-tree', first, second);
  const identity = ['-c', 'user.name=S', '-c', 'user.email=s@example.test'];
  const sha = await git(
    ...identity,
    ...['commit-tree', tree, '-p', first, '-p', second, '-m', message],
  );
  await git('update-ref', 'refs/heads/main', sha);
  return sha;
};

describe('the revert of one project among two', () => {
  test('reverts its paths and leaves the files and commits of the other', async () => {
    const { sha } = await revert();
    expect(await at.host.head(name)).toBe(sha);
    expect(await read('apps/shop/app')).toBe('good');
    expect(await read('apps/blog/post')).toBe('2');
    expect(await files()).toEqual(['apps/blog/post', 'apps/shop-tools/t', 'apps/shop/app']);
    expect(await git('rev-parse', `${sha}^`)).toBe(bad);
  });

  test('names the commits of its paths alone, and its key', async () => {
    const { sha } = await revert();
    const text = await git('log', '-1', '--format=%B', sha!);
    expect(text).toBe(
      `Revert apps/shop to ${good.slice(0, 7)}: ${bad.slice(0, 7)} was rolled back (watch)\n\n` +
        `This reverts commit ${bad}.\n\n` +
        `Release-Id: ${bad.slice(0, 12)}-0a1b2c3d\nPlimsoll-Deploy: deploy-1\n`,
    );
    expect(text).not.toContain(blog);
  });

  test('keeps what both projects pushed meanwhile', async () => {
    await at.host.commit(name, { files: { 'apps/blog/post': '3\n' }, message: 'Third post' });
    await at.host.commit(name, { files: { 'apps/shop/later': 'l\n' }, message: 'Later' });
    await revert();
    expect(await read('apps/shop/app')).toBe('good');
    expect(await read('apps/blog/post')).toBe('3');
    expect(await read('apps/shop/later')).toBe('l');
    expect(await files()).not.toContain('apps/shop/new');
  });

  test('reverts a merge that brought both, and keeps the part of the other', async () => {
    const branch = 'both';
    await at.host.commit(name, { files: { 'apps/blog/side': 's\n' }, message: 'S', branch });
    const side = await at.host.commit(name, {
      files: { 'apps/shop/side': 's\n' },
      message: 'T',
      branch,
    });
    const main = await at.host.commit(name, { files: { 'apps/shop/m': 'm\n' }, message: 'M' });
    const shipped = await merge(main, side, 'Merge both');
    const { sha } = await revert(shipped);
    expect(await files()).toEqual([
      'apps/blog/post',
      'apps/blog/side',
      'apps/shop-tools/t',
      'apps/shop/app',
    ]);
    const named = (await git('log', '-1', '--format=%B', sha!)).match(/[0-9a-f]{40}/g);
    expect(new Set(named)).toEqual(new Set([shipped, main, side, bad]));
  });

  test('made twice is the same commit, and a third attempt adopts it', async () => {
    const first = await revert();
    await git('update-ref', 'refs/heads/main', bad);
    const second = await revert();
    const third = await revert();
    expect([second.sha, third.sha]).toEqual([first.sha, first.sha]);
    expect(at.board.effects.filter(({ operation }) => operation === 'push')).toHaveLength(2);
  });

  test('reverts a file that became a directory, odd names, and a path that is one file', async () => {
    const shipped = await at.host.commit(name, {
      files: {
        'apps/shop/app': null,
        'apps/shop/app/inner': 'i\n',
        'apps/shop/*': 'star\n',
        'shop.toml': 'new\n',
      },
      message: 'Odd',
    });
    await revert(shipped, ['apps/shop', 'shop.toml']);
    expect(await files()).toEqual(['apps/blog/post', 'apps/shop-tools/t', 'apps/shop/app']);
    expect(await git('log', '-1', '--format=%s', 'main')).toContain(
      'Revert apps/shop and 1 more to',
    );
  });

  test('is nothing where only the other project changed', async () => {
    expect(await revert(bad, ['apps/blog'], blog)).toEqual({
      sha: null,
      note: 'nothing to revert: main already has that content',
      settled: true,
    });
    expect(await at.host.head(name)).toBe(bad);
  });

  test('is left to a person when it conflicts, with the files', async () => {
    const theirs = await at.host.commit(name, {
      files: { 'apps/shop/app': 'fixed\n' },
      message: 'Fix',
    });
    await expect(revert()).rejects.toMatchObject({
      type: 'NeedsPerson',
      nonRetryable: true,
      message:
        'main was not reverted, because later commits conflict with the revert in apps/shop/app.\n' +
        `Production is rolled back, but main still contains ${bad.slice(0, 7)}. Revert ` +
        `the commits after ${good.slice(0, 7)} by hand: git revert ${good}..${bad}`,
    });
    expect(await at.host.head(name)).toBe(theirs);
  });
});
