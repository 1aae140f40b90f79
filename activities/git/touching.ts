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
  const how = ['diff-tree', '--stdin', '--root', '-r', '--raw', '-z', '--no-renames'];
  const args = [...how, '--diff-merges=first-parent', '--', ...paths.map(literal)];
  const answer = await git(args, { input: `${shas.join('\n')}\n` });
  if (answer.code !== 0) throw brokenMirror('find out which commits change the paths', answer);
  const changing = commitsIn(answer.stdout.split('\0'));
  return shas.filter((sha) => changing.has(sha));
}

/**
 * Returns the commits in the output of `git diff-tree --stdin --raw -z`. The output has one field
 * for each commit, then two fields for each changed path. The second field is the path. The loop
 * skips the path, because a path may look like a commit.
 */
function commitsIn(fields: string[]): Set<string> {
  const commits = new Set<string>();
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    if (field.startsWith(':')) at += 1;
    else commits.add(field.trim());
  }
  return commits;
}

/** Returns a pathspec that git reads as a path from the root of the tree, not as a pattern. */
export const literal = (path: string) => `:(top,literal)${path}`;
