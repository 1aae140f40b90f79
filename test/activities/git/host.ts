import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from '../../../activities/git/git.ts';
import { Board } from '../../../sandbox/board.ts';
import { startGitHost } from '../../../sandbox/git-host/git-host.ts';
import type { GitHostOptions } from '../../../sandbox/git-host/git-host.ts';

/**
 * Starts a real git host with the token "secret-token", and makes a git client of Plimsoll with its
 * own workspace.
 */
export async function hostAndGit(options: Partial<GitHostOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-git-'));
  const board = new Board();
  const host = await startGitHost({
    directory: join(directory, 'host'),
    board,
    token: 'secret-token',
    ...options,
  });
  const workspace = join(directory, 'workspace');
  const git = createGit({ workspace, token: () => 'secret-token' });
  const close = async () => {
    await host.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { board, host, git, workspace, close };
}
