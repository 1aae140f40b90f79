import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InMirror } from './mirror.ts';
import { brokenMirror } from './refuse.ts';
import { literal } from './touching.ts';

export type PartialTree = {
  /** The commit that was deployed. All files outside `paths` come from this commit. */
  shipped: string;
  rolledBackTo: string;
  paths: readonly string[];
};

/**
 * Makes a tree that has `paths` from `rolledBackTo` and all other files from `shipped`. Returns the
 * SHA of the tree. Adds git objects, but changes no branch.
 */
export async function partialTree(
  git: InMirror,
  { shipped, rolledBackTo, paths }: PartialTree,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-index-'));
  const env = { GIT_INDEX_FILE: join(directory, 'index') };
  const must = async (what: string, args: string[], { input }: { input?: Uint8Array } = {}) => {
    // latin1 keeps every byte of a file name. A file name in git may be invalid UTF-8.
    const answer = await git(args, { env, encoding: 'latin1', ...(input ? { input } : {}) });
    if (answer.code !== 0) throw brokenMirror(what, answer);
    return answer.stdout;
  };
  const entries = async (of: string) => {
    const args = ['ls-tree', '-r', '-z', '--full-tree', of, '--', ...paths.map(literal)];
    return (await must('read the paths', args)).split('\0').filter(Boolean);
  };
  try {
    await must('read the tree of the deployed commit', ['read-tree', shipped]);
    const gone = (await entries(shipped)).map(removal);
    const lines = [...gone, ...(await entries(rolledBackTo))];
    const input = Buffer.from(lines.map((line) => `${line}\0`).join(''), 'latin1');
    if (input.length > 0)
      await must('replace the paths', ['update-index', '-z', '--index-info'], { input });
    return (await must('write the tree', ['write-tree'])).trim();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Returns a line for `git update-index` that removes a file. The caller first removes all files in
 * the paths, because a file may have become a directory.
 */
const removal = (entry: string) => `0 ${'0'.repeat(40)}\t${entry.slice(entry.indexOf('\t') + 1)}`;
