import { posix } from 'node:path';
import type { Change, Changes, Side } from '../../domain/approval/changes.ts';
import type { InMirror } from './mirror.ts';
import { brokenMirror } from './refuse.ts';

type Limits = { files: number; bytes: number };
const most: Limits = { files: 5000, bytes: 16 * 1024 ** 2 };

/**
 * The SHA of git's empty tree. A commit is compared with the empty tree if there is no earlier
 * commit.
 */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

type Entry = { mode: string; id: string };
type Raw = { path: string; before: Entry; after: Entry };

/**
 * Returns every path whose content, mode or kind differs between `from` and `to`. If `from` is
 * null, all paths of `to` are returned. If the changes exceed `limits`, the texts of the files are
 * not read, and `unread` is the reason. `links` lists all symbolic links of `to`.
 */
export async function readChanges(
  git: InMirror,
  { from, to }: { from: string | null; to: string },
  limits = most,
): Promise<Changes> {
  const raw = await differences(git, from ?? emptyTree, to);
  const links = await linksOf(git, to);
  const ids = [...new Set(raw.flatMap(idsToRead))];
  const unread = await tooMuch(git, { raw, ids, limits });
  const texts = unread === null ? await readTexts(git, ids) : new Map<string, string>();
  const files = raw.map(({ path, before, after }): Change => {
    return { path, before: sideOf(before, texts), after: sideOf(after, texts) };
  });
  return { files, unread, links };
}

const sideOf = ({ mode, id }: Entry, texts: Map<string, string>): Side | null =>
  mode === '000000' ? null : { mode, text: texts.get(id) ?? null };

async function differences(git: InMirror, from: string, to: string): Promise<Raw[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev'];
  const answer = await git([...args, '--ignore-submodules=none', from, to, '--']);
  if (answer.code !== 0)
    throw brokenMirror('compare the live commit with the commit of this deploy', answer);
  const fields = answer.stdout.split('\0');
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, index) => {
    const [old = '', mode = '', oldId = '', id = ''] = (fields[2 * index] ?? '')
      .slice(1)
      .split(' ');
    const path = fields[2 * index + 1] ?? '';
    return { path, before: { mode: old, id: oldId }, after: { mode, id } };
  });
}

const isFile = ({ mode }: Entry) => mode.startsWith('100') || mode === '120000';

/** Files with these endings are never executed, so their texts are not read. */
const picture = /\.(png|jpe?g|gif|webp|avif|ico|mp4|webm|mov|mp3|ogg|wav|woff2?|ttf|otf|pdf)$/i;

const idsToRead = ({ path, before, after }: Raw) =>
  picture.test(path) ? [] : [before, after].filter(isFile).map(({ id }) => id);

async function tooMuch(
  git: InMirror,
  { raw, ids, limits }: { raw: Raw[]; ids: string[]; limits: Limits },
): Promise<string | null> {
  if (raw.length > limits.files)
    return `there are ${raw.length} changed files, but at most ${limits.files} are read`;
  const sizes = await ask(git, 'measure the changed files', ['--batch-check=%(objectsize)'], ids);
  const bytes = sizes.split('\n').reduce((sum, size) => sum + Number(size), 0);
  const mb = (count: number) => `${(count / 1024 ** 2).toFixed(1)} MB`;
  return bytes > limits.bytes
    ? `the changed files have ${mb(bytes)}, but at most ${mb(limits.bytes)} are read`
    : null;
}

async function ask(git: InMirror, what: string, args: string[], ids: string[]) {
  if (ids.length === 0) return '';
  const input = `${ids.join('\n')}\n`;
  const answer = await git(['cat-file', ...args], { input, encoding: 'latin1' });
  if (answer.code !== 0) throw brokenMirror(what, answer);
  return answer.stdout;
}

/**
 * Returns a map from the id of each git blob to its text. For each id, git prints a line `ID blob
 * SIZE`, then SIZE bytes and a line end.
 */
export async function readTexts(git: InMirror, ids: string[]): Promise<Map<string, string>> {
  const bytes = await ask(git, 'read the changed files', ['--batch'], ids);
  const texts = new Map<string, string>();
  let at = 0;
  for (const id of ids) {
    const begins = bytes.indexOf('\n', at) + 1;
    const size = Number(bytes.slice(at, begins).split(' ')[2]);
    texts.set(id, Buffer.from(bytes.slice(begins, begins + size), 'latin1').toString());
    at = begins + size + 1;
  }
  return texts;
}

async function linksOf(git: InMirror, sha: string): Promise<Changes['links']> {
  const answer = await git(['ls-tree', '-r', '-z', sha]);
  if (answer.code !== 0) throw brokenMirror('list the tree', answer);
  const links = answer.stdout
    .split('\0')
    .map((line) => /^120000 blob ([0-9a-f]{40})\t([^]+)$/.exec(line))
    .map((match) => ({ id: match?.[1] ?? '', path: match?.[2] ?? '' }))
    .filter(({ id }) => id !== '');
  const targets = await readTexts(git, [...new Set(links.map(({ id }) => id))]);
  return links.map(({ id, path }) => {
    const target = posix.join(posix.dirname(path), targets.get(id) ?? '');
    return { path, target: target.replace(/\/$/, '') };
  });
}
