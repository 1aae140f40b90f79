import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Board } from '../../../sandbox/board.ts';
import { startGitHost } from '../../../sandbox/git-host/git-host.ts';
import type { GitHostOptions } from '../../../sandbox/git-host/git-host.ts';

export const repository = 'acme/shop';

const identity = {
  GIT_AUTHOR_NAME: 'Robin',
  GIT_AUTHOR_EMAIL: 'robin@example.test',
  GIT_COMMITTER_NAME: 'Robin',
  GIT_COMMITTER_EMAIL: 'robin@example.test',
};

/**
 * Returns environment variables that give git the token. A real client must also pass the token in
 * this way, so that no address contains the token.
 */
const authorization = (token: string | null) => {
  if (token === null) return { GIT_CONFIG_COUNT: '0' };
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
};

/** Returns a function that runs the real git in `cwd`. The function does not throw if git fails. */
export const gitClient =
  (cwd: string, token: string | null = 'secret-token') =>
  async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await execa('git', args, {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: cwd,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        ...identity,
        ...authorization(token),
      },
      extendEnv: false,
      reject: false,
    });
    return { code: exitCode, stdout, stderr };
  };

/**
 * Starts a git host with the repository acme/shop, which has one commit. Makes a clone of it with
 * one more commit.
 */
export const gitFixture = async (options: Partial<GitHostOptions> = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-git-host-'));
  const board = new Board();
  const host = await startGitHost({
    directory: join(directory, 'host'),
    board,
    token: 'secret-token',
    slowMs: 200,
    ...options,
  });
  const [first = ''] = await host.createRepository(repository, [
    { files: { 'server.mjs': 'one\n' }, message: 'First' },
  ]);
  const outside = gitClient(directory);
  await outside('clone', '--quiet', host.url(repository), 'clone');
  const git = gitClient(join(directory, 'clone'));
  await git('commit', '--quiet', '--allow-empty', '--message', 'Second');
  const second = (await git('rev-parse', 'HEAD')).stdout;
  const push = () => git('push', '--porcelain', 'origin', 'HEAD:refs/heads/main');
  const close = async () => {
    await host.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { directory, board, host, first, second, git, push, close };
};
export type GitFixture = Awaited<ReturnType<typeof gitFixture>>;
