import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import { gitEnvironment } from './git-host-repositories.ts';

/** The tree of a commit, without its history, in a directory of its own. */
export async function checkOut(bare: string, sha: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const script = 'git -C "$0" archive --format=tar "$1" | tar -x -f - -C "$2"';
  const env = gitEnvironment();
  await execa('/bin/sh', ['-e', '-c', script, bare, sha, directory], { env, extendEnv: false });
}
