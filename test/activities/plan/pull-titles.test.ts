import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGitHub } from '../../../activities/github/github.ts';
import { withPulls } from '../../../activities/plan/pull-titles.ts';
import type { Commit } from '../../../domain/deploy/plan.ts';
import { listedCommits } from '../../../domain/deploy/listed-commits.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';

const name = 'acme/shop';
let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Awaited<ReturnType<typeof startGithub>>;
let shas: string[];
beforeAll(async () => {
  at = await hostAndGit();
  hub = await startGithub({
    ...{ board: at.board, repositories: at.host.repositories, token: 'gh-token' },
  });
  const messages = ['First', 'Add a field', 'Take cards (#7)'];
  shas = await at.host.createRepository(
    name,
    messages.map((message, n) => ({ files: { a: `${n}` }, message })),
  );
});
afterAll(() => Promise.all([hub.close(), at.close()]));

const commit = (sha: string, title: string): Commit => ({ sha, title, emails: [] });
const coupons = { number: 9, title: 'Take coupons' };
const pullOf = (sha: string) =>
  createGitHub({ api: hub.address, token: 'gh-token', variable: 'GITHUB_TOKEN' }).pullOf(name, sha);

test('a commit that was rebased is named by its merged pull request', async () => {
  const [first = '', second = ''] = shas;
  hub.createPull(name, { title: 'Take coupons', head: 'coupons', mergedAs: second });
  hub.createPull(name, { title: 'Never merged', head: 'other', commits: [first] });
  expect(await pullOf(second)).toEqual({ number: expect.any(Number), title: 'Take coupons' });
  expect(await pullOf(first)).toBeNull();
});

test('at most ten of the newest are asked for, also if a title names a pull request', async () => {
  const asked: string[] = [];
  const many = Array.from({ length: 14 }, (_, n) => commit(`${n}`, n === 1 ? 'B (#2)' : `C ${n}`));
  const named = await withPulls(many, async (sha) => {
    asked.push(sha);
    return sha === '3' ? coupons : null;
  });
  expect(asked).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(named.filter(({ pull }) => pull)).toEqual([{ ...commit('3', 'C 3'), pull: coupons }]);
});

test('what GitHub refuses, or does not answer in 5 s, changes nothing', async () => {
  const commits = [commit('1', 'One'), commit('2', 'Two')];
  const refused = await withPulls(commits, () => Promise.reject(new Error('403')));
  expect(refused).toEqual(commits);
  const begun = Date.now();
  const silent = (sha: string) =>
    sha === '1' ? Promise.resolve(coupons) : new Promise<null>(() => {});
  expect((await withPulls(commits, silent)).map(({ pull }) => pull)).toEqual([coupons, undefined]);
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test('a long title is cut', () => {
  const title = 'Take every kind of card there is '.repeat(3);
  const { commits } = listedCommits([{ ...commit('1', title), pull: { number: 12, title } }], {
    ...{ total: 1, limit: 5 },
  });
  expect(commits[0]?.title).toBe(`${title.slice(0, 59)}…`);
  expect(commits[0]?.pull).toEqual({ number: 12, title: commits[0]?.title });
});
