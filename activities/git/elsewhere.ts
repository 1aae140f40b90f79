import type { InMirror } from './mirror.ts';
import { readTexts } from './changes.ts';
import { brokenMirror } from './refuse.ts';

/**
 * `url` is the address of the submodule's repository. null means that .gitmodules does not list the
 * submodule, or that its relative address has too many `../`.
 */
export type Submodule = { path: string; url: string | null };

/** The files that a commit only refers to. `lfs`: the paths of the files in Git LFS. */
export type Elsewhere = { submodules: Submodule[]; lfs: string[] };

type Asked = { repository: string; sha: string; paths?: readonly string[] | undefined };
type Entry = { mode: string; id: string; size: number; path: string };

/**
 * Returns the submodules and Git LFS files of a commit. If `paths` is given, returns only the
 * submodules and files in these paths.
 */
export async function readElsewhere(git: InMirror, asked: Asked): Promise<Elsewhere> {
  const entries = await entriesOf(git, asked.sha);
  const mine = entries.filter(({ path }) => isIn(path, asked.paths));
  return {
    submodules: await submodulesIn(git, mine, asked),
    lfs: (await usesLfs(git, entries)) ? await pointersAmong(git, mine) : [],
  };
}

const isIn = (path: string, paths: readonly string[] | undefined) =>
  paths === undefined || paths.some((one) => path === one || path.startsWith(`${one}/`));

async function entriesOf(git: InMirror, sha: string): Promise<Entry[]> {
  const answer = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', sha]);
  if (answer.code !== 0) throw brokenMirror('list the tree', answer);
  return answer.stdout
    .split('\0')
    .map((line) => /^(\d{6}) \w+ ([0-9a-f]{40}) +(\d+|-)\t([^]+)$/.exec(line))
    .flatMap((match) => {
      const [, mode = '', id = '', size = '', path = ''] = match ?? [];
      return match ? [{ mode, id, size: Number(size), path }] : [];
    });
}

async function submodulesIn(git: InMirror, entries: Entry[], { repository, sha }: Asked) {
  const paths = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path);
  if (paths.length === 0) return [];
  const urls = await urlsOf(git, sha);
  return paths.map((path): Submodule => {
    const url = urls.get(path);
    return { path, url: url === undefined ? null : addressFrom(repository, url) };
  });
}

/** Returns the addresses in .gitmodules, by path. The map is empty if there is no .gitmodules. */
async function urlsOf(git: InMirror, sha: string): Promise<Map<string, string>> {
  const { code, stdout } = await git(['config', '-z', `--blob=${sha}:.gitmodules`, '--list']);
  if (code !== 0) return new Map();
  const modules = new Map<string, { path?: string; url?: string }>();
  for (const field of stdout.split('\0')) {
    const [, name = '', key = '', value = ''] =
      /^submodule\.([^]+)\.(path|url)\n([^]*)$/.exec(field) ?? [];
    if (key !== '') modules.set(name, { ...modules.get(name), [key]: value });
  }
  return new Map([...modules.values()].map(({ path = '', url = '' }) => [path, url]));
}

/**
 * Returns an address of .gitmodules as a full address. A relative address is relative to the
 * repository: `../x.git` is next to the repository. Returns null if the address is empty or has too
 * many `../`.
 */
function addressFrom(repository: string, url: string): string | null {
  if (!/^\.\.?\//.test(url)) return url === '' ? null : url;
  let base = repository.replace(/\/+$/, '');
  let rest = url;
  for (; /^\.\.?\//.test(rest); rest = rest.replace(/^\.\.?\//, '')) {
    if (!rest.startsWith('../')) continue;
    const cut = Math.max(base.lastIndexOf('/'), base.lastIndexOf(':'));
    if (cut <= base.indexOf('://') + 2) return null;
    base = base.slice(0, cut);
  }
  return `${base}/${rest}`;
}

/**
 * True if a .gitattributes file has `filter=lfs`. Git LFS handles only files with this attribute.
 */
async function usesLfs(git: InMirror, entries: Entry[]): Promise<boolean> {
  const isAttributes = ({ path, size }: Entry) =>
    /(^|\/)\.gitattributes$/.test(path) && size < 1024 ** 2;
  const ids = [...new Set(entries.filter(isAttributes).map(({ id }) => id))];
  if (ids.length === 0) return false;
  const texts = await readTexts(git, ids);
  return [...texts.values()].some((text) => /[\s]filter=lfs(\s|$)/.test(text));
}

/**
 * Matches the first line of an LFS pointer, also with earlier names of Git LFS. git-lfs reads them
 * with the line ends of Windows too. Sizes and names: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const isPointer =
  /^\s*version https?:\/\/(?:git-lfs\.github\.com\/spec\/v1|hawser\.github\.com\/spec\/v1|git-media\.io\/v\/2)\s/;
const mostPointer = 1023;
const leastPointer = 100;
const atOnce = 10_000;

async function pointersAmong(git: InMirror, entries: Entry[]): Promise<string[]> {
  const small = entries.filter(
    ({ mode, size }) => mode.startsWith('100') && size >= leastPointer && size <= mostPointer,
  );
  const ids = [...new Set(small.map(({ id }) => id))];
  const pointers = new Set<string>();
  for (let at = 0; at < ids.length; at += atOnce)
    for (const [id, text] of await readTexts(git, ids.slice(at, at + atOnce)))
      if (isPointer.test(text)) pointers.add(id);
  return small.filter(({ id }) => pointers.has(id)).map(({ path }) => path);
}
