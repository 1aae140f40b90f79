import type { InMirror } from './mirror.ts';
import { brokenMirror } from './refuse.ts';

/**
 * The commits among `shas` that change one of `paths`; a merge by what it brought to its first parent. Without
 * paths all of them, in the same order.
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
  if (answer.code !== 0) throw brokenMirror('see which commits change the paths', answer);
  const lines = new Set(answer.stdout.split('\n'));
  return shas.filter((sha) => lines.has(sha));
}

/** From the root of the tree, and no pattern. */
export const literal = (path: string) => `:(top,literal)${path}`;
