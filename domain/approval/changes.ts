import { matches } from '../lib/glob.ts';

/**
 * One version of a file. `mode` is the mode in git, such as 100644. `text` is null if the content
 * was not read, for example the content of a submodule or a picture.
 */
export type Side = { mode: string; text: string | null };

/**
 * A file before and after the change. `before` is null for a new file, `after` for a removed file.
 * A rename counts as one removed file and one added file.
 */
export type Change = { path: string; before: Side | null; after: Side | null };

export type Changes = {
  files: readonly Change[];
  /** The reason why some changes were not read; null = all changes were read. */
  unread: string | null;
  /** Symbolic links in the commit. A change below `target` is also a change below `path`. */
  links: readonly { path: string; target: string }[];
};

export const isSubmodule = (side: Side | null) => side?.mode === '160000';
const isLink = (side: Side | null) => side?.mode === '120000';

/**
 * Returns all paths of a changed file, in lower case, from the root of the repository:
 * `/apps/shop/a.ts`. The paths through symbolic links are included. A submodule or a link also has
 * a path that ends with a slash.
 */
export function namesOf({ path, before, after }: Change, links: Changes['links']): string[] {
  const through = links
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .map((link) => link.path + path.slice(link.target.length));
  const names = [path, ...through].map((name) => `/${name.toLowerCase()}`);
  const folder = [before, after].some((side) => isSubmodule(side) || isLink(side));
  return folder ? [...names, ...names.map((name) => `${name}/`)] : names;
}

/**
 * Returns true if one of the patterns matches one of the names. `*` stands for any text, also with
 * slashes. Case makes no difference. A pattern that begins with a star and a slash also matches at
 * the root.
 */
export const fits = (patterns: readonly string[], names: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return names.some((name) => matches(wanted, name) || matches(wanted, name.slice(1)));
  });

/**
 * Returns the changed lines: first the lines that only the old version has, then the lines that
 * only the new version has.
 */
export function changedLines({ before, after }: Change): string {
  const old = linesOf(before);
  const now = linesOf(after);
  const gone = new Set(now);
  const known = new Set(old);
  return [...old.filter((line) => !gone.has(line)), ...now.filter((line) => !known.has(line))].join(
    '\n',
  );
}

const linesOf = (side: Side | null) => side?.text?.split('\n') ?? [];

/**
 * Returns true if the matches of the pattern differ before and after the change. The amount of
 * white space makes no difference.
 */
export function differs({ before, after }: Change, pattern: RegExp): boolean {
  const [old, now] = [before, after].map((side) => found(side, pattern));
  return old !== now;
}

const found = (side: Side | null, pattern: RegExp) =>
  (side?.text?.match(pattern) ?? []).map((text) => text.replaceAll(/\s+/g, ' ')).join('\n');
