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
const pullOf = (sha: string) =>
  createGitHub({ api: hub.address, token: 'gh-token', variable: 'GITHUB_TOKEN' }).pullOf(name, sha);

test('a commit that was rebased is named by its merged pull request', async () => {
  const [first = '', second = ''] = shas;
  hub.createPull(name, { title: 'Take coupons', head: 'coupons', mergedAs: second });
  hub.createPull(name, { title: 'Never merged', head: 'other', commits: [first] });
  expect(await pullOf(second)).toMatch(/^Take coupons \(#\d+\)$/);
  expect(await pullOf(first)).toBeNull();
});

test('only those that do not tell are asked for, at most ten of the newest', async () => {
  const asked: string[] = [];
  const many = Array.from({ length: 14 }, (_, n) => commit(`${n}`, n === 1 ? 'B (#2)' : `C ${n}`));
  const named = await withPulls(many, async (sha) => {
    asked.push(sha);
    return sha === '3' ? 'Take coupons (#9)' : null;
  });
  expect(asked).toEqual(['0', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(named.filter(({ pull }) => pull)).toEqual([
    { ...commit('3', 'C 3'), pull: 'Take coupons (#9)' },
  ]);
});

test('what GitHub refuses, or does not answer in 5 s, changes nothing', async () => {
  const commits = [commit('1', 'One'), commit('2', 'Two')];
  const refused = await withPulls(commits, () => Promise.reject(new Error('403')));
  expect(refused).toEqual(commits);
  const begun = Date.now();
  const silent = (sha: string) =>
    sha === '1' ? Promise.resolve('One (#1)') : new Promise<null>(() => {});
  expect((await withPulls(commits, silent)).map(({ pull }) => pull)).toEqual([
    'One (#1)',
    undefined,
  ]);
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test('a long title keeps the number of its pull request', () => {
  const title = `${'Take every kind of card there is '.repeat(3)}(#12)`;
  const { commits } = listedCommits([{ ...commit('1', title), pull: title }], {
    ...{ total: 1, limit: 5 },
  });
  expect(commits[0]?.title).toMatch(/^Take every kind of card there is Take [^…]*… \(#12\)$/);
  expect(commits[0]?.title).toHaveLength(60);
  expect(commits[0]?.pull).toBe(commits[0]?.title);
});
