import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failures } from '../../domain/failures.ts';
import { final } from '../lib/fail.ts';
import type { InMirror } from './mirror.ts';
import { pulse } from './pulse.ts';
import { brokenMirror } from './refuse.ts';

/** `directory`/BLOB/PATH: every content that the commits brought and the last one does not hold. */
export type Range = {
  commits: number;
  directory: string;
  /** The commit that brought this content, as far as git can tell. */
  broughtBy(blob: string): Promise<string | null>;
  dispose(): Promise<void>;
};
export type Span = { from: string | null; to: string };

const revisions = ({ from, to }: Span) => (from === null ? [to] : [to, `^${from}`]);

const mostBytes = 1024 ** 3;

/** Real files, so that they are read as the tree's are. Final misconfigured: more than 1 GB. */
export async function exportRange(git: InMirror, workspace: string, span: Span): Promise<Range> {
  const root = join(workspace, 'ranges', randomUUID());
  const directory = join(root, 'files');
  const dispose = () => rm(root, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    const commits = await countOf(git, span);
    const gone = await goneBlobs(git, span);
    await refuseTooMuch(git, gone, commits);
    await writeOut(git, gone, { GIT_INDEX_FILE: join(root, 'index'), GIT_WORK_TREE: directory });
    return { commits, directory, broughtBy: (blob) => broughtBy(git, span, blob), dispose };
  } catch (cause) {
    await dispose();
    throw cause;
  }
}

async function must(git: InMirror, what: string, ...[args, call]: Parameters<InMirror>) {
  const answer = await pulse((signal) => git(args, { ...call, signal, timeoutMs: 4 * 60_000 }));
  if (answer.code !== 0) throw brokenMirror(what, answer);
  return answer.stdout;
}

const countOf = async (git: InMirror, span: Span) =>
  Number(await must(git, 'count the commits', ['rev-list', '--count', ...revisions(span), '--']));

type Blob = { id: string; path: string };

/** What later commits of the span took away again lies in no tree, but in the history. */
async function goneBlobs(git: InMirror, span: Span): Promise<Blob[]> {
  const listed = ['rev-list', '--objects', '--filter=object:type=blob', ...revisions(span), '--'];
  const brought = await must(git, 'list what the commits brought', listed);
  const inTree = ['ls-tree', '-r', '-z', '--format=%(objectname)', span.to];
  const held = new Set((await must(git, 'list the tree', inTree)).split('\0'));
  return brought
    .split('\n')
    .map((line) => ({ id: line.slice(0, 40), path: line.slice(41) }))
    .filter(({ id, path }) => path !== '' && !held.has(id));
}

async function refuseTooMuch(git: InMirror, blobs: Blob[], commits: number) {
  if (blobs.length === 0) return;
  const input = blobs.map(({ id }) => `${id}\n`).join('');
  const args = ['cat-file', '--batch-check=%(objectsize)'];
  const sizes = (await must(git, 'measure the commits', args, { input })).trim().split('\n');
  const bytes = sizes.reduce((sum, size) => sum + Number(size), 0);
  if (bytes <= mostBytes) return;
  throw final(
    failures.misconfigured,
    `The ${commits} commits being shipped hold ${Math.round(bytes / 1e6)} MB that are not in the tree, ` +
      'more than the 1 GB that are read.\n' +
      'Record what is live first, so that only what is new is read: npx --no plimsoll adopt PROJECT ENVIRONMENT',
  );
}

async function writeOut(git: InMirror, blobs: Blob[], env: Record<string, string>) {
  if (blobs.length === 0) return;
  const input = blobs.map(({ id, path }) => `100644 ${id} 0\t${id}/${path}\0`).join('');
  await must(git, 'gather the commits', ['update-index', '-z', '--index-info'], { env, input });
  await must(git, 'write the commits', ['checkout-index', '--all', '--force'], { env });
}

const isCommit = /^[0-9a-f]{40}$/;

async function broughtBy(git: InMirror, span: Span, blob: string): Promise<string | null> {
  const look = ['log', '--format=%H', '--no-patch', '-m', `--find-object=${blob}`];
  const answer = await git([...look, ...revisions(span), '--']);
  return (
    answer.stdout
      .trim()
      .split('\n')
      .findLast((line) => isCommit.test(line)) ?? null
  );
}
