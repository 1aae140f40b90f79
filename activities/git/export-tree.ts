import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InMirror } from './mirror.ts';
import { pulse } from './pulse.ts';
import { brokenMirror } from './refuse.ts';

export type Tree = { directory: string; dispose(): Promise<void> };

/** The files of a commit as real files; a symbolic link becomes a file that holds its target. */
export async function exportTree(git: InMirror, workspace: string, sha: string): Promise<Tree> {
  const root = join(workspace, 'trees', randomUUID());
  const directory = join(root, 'files');
  const dispose = () => rm(root, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const env = { GIT_INDEX_FILE: join(root, 'index'), GIT_WORK_TREE: directory };
  try {
    await pulse(async (signal) => {
      const read = await git(['read-tree', '--end-of-options', sha], { env, signal });
      if (read.code !== 0) throw brokenMirror(`read the tree of ${sha.slice(0, 12)}`, read);
      const args = ['checkout-index', '--all', '--force'];
      const out = await git(args, { env, signal, timeoutMs: 4 * 60_000 });
      if (out.code !== 0) throw brokenMirror(`write the tree of ${sha.slice(0, 12)}`, out);
    });
  } catch (cause) {
    await dispose();
    throw cause;
  }
  return { directory, dispose };
}
