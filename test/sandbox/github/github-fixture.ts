import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Octokit } from '@octokit/rest';
import { Board } from '../../../sandbox/board.ts';
import { createRepositories } from '../../../sandbox/git-host/git-host-repositories.ts';
import { startGithub } from '../../../sandbox/github/github.ts';

export const shop = { owner: 'acme', repo: 'shop' };
export const name = 'acme/shop';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Starts the GitHub stand-in and makes a real Octokit for it. The repository has three commits and
 * a branch "feature".
 */
export const githubFixture = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-github-'));
  const board = new Board();
  const repositories = createRepositories(directory);
  const shas = await repositories.create(name, [
    { files: { 'a.txt': 'a\n', 'b.txt': 'b\n' }, message: 'First' },
    { files: { 'a.txt': 'a\na\n' }, message: 'Second' },
    { files: { 'b.txt': null, 'c.txt': 'c\n' }, message: 'Third\n\nFixes #1' },
  ]);
  const feature = await repositories.commit(name, {
    files: { 'd.txt': 'd\n' },
    message: 'Feature',
    branch: 'feature',
    author: { name: 'Ada', email: 'ada@example.test' },
  });
  const github = await startGithub({ board, repositories, token: 'secret-token', slowMs: 200 });
  const octokit = client(github.address, 'secret-token');
  const close = async () => {
    await github.close();
    await rm(directory, { recursive: true, force: true });
  };
  const [first = '', second = '', third = ''] = shas;
  return { board, repositories, github, octokit, first, second, third, feature, close };
};
export type GithubFixture = Awaited<ReturnType<typeof githubFixture>>;

export const client = (baseUrl: string, auth: string | undefined) =>
  new Octokit({ baseUrl, log: quiet, ...(auth === undefined ? {} : { auth }) });
