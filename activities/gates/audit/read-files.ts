import { readFile, stat } from 'node:fs/promises';
import type { Git } from '../../git.ts';

export type Place = { repository: string; sha: string };
/** `at` is ISO time: the last commit that changed it, or of a file of the worker its own. */
export type Document = { text: string; at: string | null };

const mostBytes = 20 * 1024 * 1024;

/** A file in the tree of the commit, or with an absolute path on the worker's machine; null = not there. */
export async function readDocument(
  git: Pick<Git, 'readFile' | 'changedAt'>,
  { repository, sha }: Place,
  path: string,
): Promise<Document | null> {
  if (path.startsWith('/')) return readOwn(path);
  const text = await git.readFile(repository, sha, path);
  return text === null ? null : { text, at: await git.changedAt(repository, sha, path) };
}

async function readOwn(path: string): Promise<Document | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > mostBytes) return null;
  return { text: await readFile(path, 'utf8'), at: found.mtime.toISOString() };
}
