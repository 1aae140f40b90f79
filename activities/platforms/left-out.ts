import { clean } from '../../domain/messages/parts/clean.ts';
import type { Submodule } from '../git/elsewhere.ts';

const mostShown = 3;

/** Returns the first three names and the number of the other names. */
function listed(names: readonly string[]): string {
  const shown = clean(names.slice(0, mostShown)).join(', ');
  const more = names.length - mostShown;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/**
 * Returns a problem if there are submodules, because the release would lack their files. `why` is a
 * clause that follows the names in the text.
 */
export function withoutSubmodules(
  name: string,
  submodules: readonly Submodule[],
  why: string,
): string[] {
  if (submodules.length === 0) return [];
  const paths = submodules.map(({ path }) => path);
  return [
    `${name}: the commit has submodules (${listed(paths)}), and ${why}, so their files would be ` +
      'missing. Commit the files themselves: git rm --cached PATH, delete PATH/.git, then git add PATH.',
  ];
}

/**
 * Returns a problem if there are files in Git LFS, because the release would contain pointers in
 * place of the files. `why` is a clause that follows the names in the text. `remedy` is one or more
 * sentences.
 */
export function withoutLfs(
  name: string,
  files: readonly string[],
  { why, remedy = untrack }: { why: string; remedy?: string },
): string[] {
  if (files.length === 0) return [];
  return [
    `${name}: the commit has files in Git LFS (${listed(files)}), and ${why}, so pointers would go ` +
      `live in place of the files. ${remedy}`,
  ];
}

const untrack =
  'Take the files out of Git LFS: git lfs untrack PATTERN, then git add --renormalize .';
