import { constants } from 'node:fs';
import { mkdir, open, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { copyProblems } from '../../domain/messages/builds.ts';
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

/** The largest output that a build may give to the worker: the number of files, and their bytes. */
export const mostOutput = { files: 200_000, bytes: 2 * 1024 ** 3 };
type Bound = typeof mostOutput;

const atDirectory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const atFile = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Copies the directory `from`, which must be in `shared`, to the new directory `to`. Returns null,
 * or a text for people with the reason why the directory was not copied. Another process may change
 * `from` during the copy. So this function opens every entry below the open directory, and never
 * follows a link. A link is copied as a link. Works only on Linux, which has /proc/self/fd.
 */
export async function copyOut(
  from: string,
  to: string,
  shared: string,
  most: Bound = mostOutput,
): Promise<string | null> {
  const left = { ...most };
  const opened = await open(from, atDirectory);
  try {
    const real = await realpath(`/proc/self/fd/${opened.fd}`);
    if (!isInside(await realpath(shared), real)) return copyProblems.left;
    await copyInto(opened, to, left);
    return null;
  } catch (cause) {
    if (cause instanceof TooMuch) return copyProblems.tooMuch(most.files, most.bytes);
    throw cause;
  } finally {
    await opened.close();
  }
}

class TooMuch extends Error {}

/**
 * If an entry is not a file, a directory or a link, the copy gets a link to this path. So
 * `unsafeEntry` finds the entry and its name.
 */
const noFile = '/dev/null';

async function copyInto(directory: FileHandle, to: string, left: Bound): Promise<void> {
  await mkdir(to);
  const at = `/proc/self/fd/${directory.fd}`;
  for (const { name } of await readdir(at, { withFileTypes: true })) {
    left.files -= 1;
    if (left.files < 0) throw new TooMuch();
    await copyEntry(join(at, name), join(to, name), left);
  }
}

async function copyEntry(from: string, to: string, left: Bound): Promise<void> {
  const link = await readlink(from).catch(() => null);
  if (link !== null) return symlink(link, to);
  const entry = await open(from, atFile).catch(() => null);
  if (!entry) return symlink(noFile, to);
  try {
    const found = await entry.stat();
    if (found.isDirectory()) await copyInto(entry, to, left);
    else if (found.isFile()) await copyFile(entry, to, left);
    else await symlink(noFile, to);
  } finally {
    await entry.close();
  }
}

async function copyFile(from: FileHandle, to: string, left: Bound): Promise<void> {
  const written = await open(to, 'wx');
  try {
    const chunk = Buffer.allocUnsafe(256 * 1024);
    for (;;) {
      const { bytesRead } = await from.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
      left.bytes -= bytesRead;
      if (left.bytes < 0) throw new TooMuch();
      await written.writeFile(chunk.subarray(0, bytesRead));
    }
  } finally {
    await written.close();
  }
}
