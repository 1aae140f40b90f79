import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

const mostBytes = 5 * 1024 * 1024;

const isInside = (root: string, path: string) => path === root || path.startsWith(root + sep);

/**
 * Reads a text file that a build may have written. Returns null in three cases: there is no such
 * file inside of `root`, it is not a plain file, or it is larger than 5 MB. These checks are
 * needed, because a build can write a link to a file of the worker, or a pipe that never ends.
 */
export async function readWritten(root: string, path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null);
  if (real === null || !isInside(root, real)) return null;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(real, flags).catch(() => null);
  if (!file) return null;
  try {
    const found = await file.stat();
    return found.isFile() && found.size <= mostBytes ? await file.readFile('utf8') : null;
  } finally {
    await file.close();
  }
}

/**
 * Returns the path of the first entry below `directory` that a later program must not read. Such an
 * entry is a link that leads out of the directory, or anything other than a file, a directory or a
 * link. Returns null if there is no such entry. Without this check, a link could lead to the
 * environment of the program that uploads the output.
 */
export async function unsafeEntry(directory: string, root = directory): Promise<string | null> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isFile()) continue;
    const inner = entry.isDirectory()
      ? await unsafeEntry(path, root)
      : entry.isSymbolicLink() && isInside(root, await realpath(path).catch(() => sep))
        ? null
        : path;
    if (inner !== null) return inner;
  }
  return null;
}
