import { readFile, stat } from 'node:fs/promises';
import type { Git } from '../../git/git.ts';
import { textOf } from '../../lib/text-of.ts';

export type Place = { repository: string; sha: string };
/**
 * `at`: ISO time of the last commit that changed the file. For a file on the worker's machine, `at`
 * is the time when the file was last changed.
 */
export type Document = { text: string; at: string | null };

const mostBytes = 20 * 1024 * 1024;

/**
 * Reads a file of the commit's tree. If the path is absolute, reads the file on the worker's
 * machine instead. Returns null if the file does not exist, or if a file on the worker's machine is
 * larger than 20 MB.
 */
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
  return { text: textOf(await readFile(path)), at: found.mtime.toISOString() };
}
