import { matches } from './gates/glob.ts';

/** `mode` as git writes it; `text` null = its content is not read: a submodule, a picture. */
export type Side = { mode: string; text: string | null };

/** null = there is no such file on that side. A rename is a file that goes and one that comes. */
export type Change = { path: string; before: Side | null; after: Side | null };

export type Changes = {
  files: readonly Change[];
  /** Why not everything that changed was read; null = it was. */
  unread: string | null;
  /** Symbolic links of the commit: what changes below `target` changes below `path` as well. */
  links: readonly { path: string; target: string }[];
};

export const isSubmodule = (side: Side | null) => side?.mode === '160000';
const isLink = (side: Side | null) => side?.mode === '120000';

/** Every name under which a change can be met, lower case, from the root: `/apps/shop/a.ts`. */
export function namesOf({ path, before, after }: Change, links: Changes['links']): string[] {
  const through = links
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .map((link) => link.path + path.slice(link.target.length));
  const names = [path, ...through].map((name) => `/${name.toLowerCase()}`);
  const folder = [before, after].some((side) => isSubmodule(side) || isLink(side));
  return folder ? [...names, ...names.map((name) => `${name}/`)] : names;
}

/** `*` stands for any text, also across folders; a pattern without `/` before it may begin anywhere at the root. */
export const fits = (patterns: readonly string[], names: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return names.some((name) => matches(wanted, name) || matches(wanted, name.slice(1)));
  });

/** The lines that only one side has, in their order. */
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

/** What the pattern finds on one side alone. */
export function differs({ before, after }: Change, pattern: RegExp): boolean {
  const [old, now] = [before, after].map((side) => found(side, pattern));
  return old !== now;
}

const found = (side: Side | null, pattern: RegExp) =>
  (side?.text?.match(pattern) ?? []).map((text) => text.replaceAll(/\s+/g, ' ')).join('\n');
