import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InMirror } from './mirror.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { brokenMirror } from './refuse.ts';

export type Tree = { directory: string; dispose(): Promise<void> };

/**
 * Writes the files of a commit to a new directory. A symbolic link becomes a plain file that
 * contains the path of the link's target. If the export fails, the directory is deleted.
 */
export async function exportTree(git: InMirror, workspace: string, sha: string): Promise<Tree> {
  const root = join(workspace, 'trees', randomUUID());
  const directory = join(root, 'files');
  const dispose = () => rm(root, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const env = { GIT_INDEX_FILE: join(root, 'index'), GIT_WORK_TREE: directory };
  try {
    await withHeartbeat(async (signal) => {
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
