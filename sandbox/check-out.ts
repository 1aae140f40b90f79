import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import { gitEnvironment } from './git-host/git-host-repositories.ts';

/**
 * Writes the files of the commit `sha`, without its Git history, into `directory`. `bare` is the
 * path of the bare repository.
 */
export async function checkOut(bare: string, sha: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const script = 'git -C "$0" archive --format=tar "$1" | tar -x -f - -C "$2"';
  const env = gitEnvironment();
  await execa('/bin/sh', ['-e', '-c', script, bare, sha, directory], { env, extendEnv: false });
}
