import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InMirror } from './mirror.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { brokenMirror } from './refuse.ts';

export type Span = { from: string | null; to: string };

export type Range = {
  commits: number;
  messages: { sha: string; message: string }[];
  /**
   * Finds the file contents that the commits added and later removed. Writes them in parts, as
   * files DIRECTORY/BLOB/PATH, so that a scanner can read them. Calls `visit` with the directory of
   * each part, then deletes the directory.
   */
  visitGone(visit: (directory: string) => Promise<void>): Promise<void>;
  /** Returns the commit that added this content, or null if git finds no such commit. */
  broughtBy(blob: string): Promise<string | null>;
};

const revisions = ({ from, to }: Span) => (from === null ? [to] : [to, `^${from}`]);

/** The largest size of a part, in bytes. Only one part is on the disk at a time. */
const partBytes = 256 * 1024 ** 2;

export async function exportRange(
  git: InMirror,
  workspace: string,
  span: Span,
  most = partBytes,
): Promise<Range> {
  const messages = await messagesOf(git, span);
  const gone = await goneBlobs(git, span);
  return {
    commits: messages.length,
    messages,
    visitGone: async (visit) => {
      for (const part of partsOf(gone, most)) await visitPart(git, workspace, part, visit);
    },
    broughtBy: (blob) => broughtBy(git, span, blob),
  };
}

async function must(git: InMirror, what: string, ...[args, call]: Parameters<InMirror>) {
  const answer = await withHeartbeat((signal) =>
    git(args, { ...call, signal, timeoutMs: 4 * 60_000 }),
  );
  if (answer.code !== 0) throw brokenMirror(what, answer);
  return answer.stdout;
}

/**
 * Returns every commit of the range with its message. NUL separates the fields in the output of
 * git, because a commit cannot contain NUL.
 */
async function messagesOf(git: InMirror, span: Span) {
  const args = ['log', '--no-mailmap', '--format=%H%x00%B%x00', ...revisions(span), '--'];
  const fields = (await must(git, 'read the commits', args)).split('\0');
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, index) => ({
    sha: (fields[2 * index] ?? '').trim(),
    message: fields[2 * index + 1] ?? '',
  }));
}

type Blob = { id: string; path: string; bytes: number };

/**
 * Returns the file contents that a commit of the range added and a later commit removed. The git
 * history still contains them.
 */
async function goneBlobs(git: InMirror, span: Span): Promise<Blob[]> {
  // Without the second option, git also lists the commits in the arguments.
  const only = ['--filter=object:type=blob', '--filter-provided-objects'];
  const listed = ['rev-list', '--objects', ...only, ...revisions(span), '--'];
  const brought = await must(git, 'list the contents that the commits added', listed);
  const inTree = ['ls-tree', '-r', '-z', '--format=%(objectname)', span.to];
  const held = new Set((await must(git, 'list the tree', inTree)).split('\0'));
  const listedGone = brought
    .split('\n')
    .map((line) => ({ id: line.slice(0, 40), path: line.slice(41) }))
    .filter(({ id }) => id !== '' && !held.has(id));
  if (listedGone.length === 0) return [];
  const cut = await namesWithLineEnd(git, span);
  const gone = listedGone.map(({ id, path }) => ({ id, path: cut.get(id) ?? path }));
  const input = gone.map(({ id }) => `${id}\n`).join('');
  const measure = ['cat-file', '--batch-check=%(objectsize)'];
  const sizes = (await must(git, 'measure the contents', measure, { input })).split('\n');
  return gone.map((blob, index) => ({ ...blob, bytes: Number(sizes[index]) }));
}

/**
 * Returns the file names that contain a line end, by the id of the content. Before git 2.50, `git
 * rev-list --objects` has no option -z. So git cuts such a name at the line end, and the name may
 * be empty.
 */
async function namesWithLineEnd(git: InMirror, span: Span): Promise<Map<string, string>> {
  const how = ['log', '--format=', '--raw', '-z', '-m', '--root', '--no-renames', '--no-abbrev'];
  const args = [...how, ...revisions(span), '--', ':(top,glob)**/*\n*', ':(top,glob)**/*\n*/**'];
  const fields = (await must(git, 'list the names', args)).split('\0');
  const names = new Map<string, string>();
  for (let at = 0; at < fields.length; at += 1) {
    const [, id] = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) /.exec(fields[at]?.trim() ?? '') ?? [];
    if (id === undefined) continue;
    at += 1;
    names.set(id, fields[at] ?? '');
  }
  return names;
}

function partsOf(blobs: Blob[], most: number): Blob[][] {
  const parts: Blob[][] = [];
  let left = 0;
  for (const blob of blobs) {
    if (left < blob.bytes || parts.length === 0) {
      parts.push([]);
      left = most;
    }
    parts.at(-1)?.push(blob);
    left -= blob.bytes;
  }
  return parts.filter((part) => part.length > 0);
}

async function visitPart(
  git: InMirror,
  workspace: string,
  blobs: Blob[],
  visit: (directory: string) => Promise<void>,
) {
  const root = join(workspace, 'ranges', randomUUID());
  const directory = join(root, 'files');
  await mkdir(directory, { recursive: true });
  try {
    const env = { GIT_INDEX_FILE: join(root, 'index'), GIT_WORK_TREE: directory };
    const input = blobs.map(({ id, path }) => `100644 ${id} 0\t${id}/${path}\0`).join('');
    const index = ['update-index', '-z', '--index-info'];
    await must(git, 'prepare the contents', index, { env, input });
    await must(git, 'write the contents', ['checkout-index', '--all', '--force'], { env });
    await visit(directory);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const isCommit = /^[0-9a-f]{40}$/;

async function broughtBy(git: InMirror, span: Span, blob: string): Promise<string | null> {
  const search = ['log', '--format=%H', '--no-patch', '-m', `--find-object=${blob}`];
  const answer = await git([...search, ...revisions(span), '--']);
  return (
    answer.stdout
      .trim()
      .split('\n')
      .findLast((line) => isCommit.test(line)) ?? null
  );
}
