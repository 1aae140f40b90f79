import type { InMirror } from './mirror.ts';
import { brokenMirror } from './refuse.ts';

/**
 * Returns the commits of `shas` that change one of `paths`, in the same order. Without `paths`,
 * returns all of `shas`. A merge is compared with its first parent.
 */
export async function touching(
  git: InMirror,
  shas: string[],
  paths: readonly string[] | undefined,
): Promise<string[]> {
  if (!paths || shas.length === 0) return shas;
  const args = [
    'diff-tree',
    '--stdin',
    '--root',
    '-r',
    '--name-only',
    '--diff-merges=first-parent',
  ];
  const answer = await git([...args, '--', ...paths.map(literal)], {
    input: `${shas.join('\n')}\n`,
  });
  if (answer.code !== 0) throw brokenMirror('find out which commits change the paths', answer);
  const lines = new Set(answer.stdout.split('\n'));
  return shas.filter((sha) => lines.has(sha));
}

/** Returns a pathspec that git reads as a path from the root of the tree, not as a pattern. */
export const literal = (path: string) => `:(top,literal)${path}`;
