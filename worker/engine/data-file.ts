import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { shellWord } from '../../domain/lib/shell-word.ts';
import { UserError } from '../../domain/lib/user-error.ts';

/**
 * Returns the absolute path of the file, without symbolic links. The file and its directories may
 * be missing, also if a symbolic link leads there. Throws a UserError if the file has a second name
 * (a hard link). SQLite keeps the newest changes in files beside the name that it opened.
 */
export async function realDataFile(path: string): Promise<string> {
  const real = await realPath(resolve(path));
  const names = (await orNull(stat(real)))?.nlink ?? 1;
  if (names > 1) throw severalNames(real, names);
  return real;
}

async function realPath(path: string): Promise<string> {
  const real = await orNull(realpath(path));
  if (real !== null) return real;
  const target = await orNull(readlink(path));
  if (target !== null) return await realPath(resolve(dirname(path), target));
  return join(await realPath(dirname(path)), basename(path));
}

/**
 * Returns the pid of a Temporal development server that has the file open, under any name of the
 * file. Otherwise, returns null. Finds only servers of this user, and only on Linux.
 */
export async function serverOn(path: string): Promise<number | null> {
  const file = await orNull(stat(path));
  if (file === null) return null;
  for (const pid of (await orNull(readdir('/proc'))) ?? []) {
    if (!/^\d+$/.test(pid) || !(await isServer(pid))) continue;
    const directory = `/proc/${pid}/fd`;
    for (const open of (await orNull(readdir(directory))) ?? []) {
      const found = await orNull(stat(`${directory}/${open}`));
      if (found?.ino === file.ino && found.dev === file.dev) return Number(pid);
    }
  }
  return null;
}

const isServer = async (pid: string) =>
  (await orNull(readFile(`/proc/${pid}/cmdline`, 'utf8')))?.split('\0').includes('start-dev');

const absent = new Set(['ENOENT', 'EINVAL', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR']);

/** Resolves to null if the file is missing, is not a link, or may not be read. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (cause) {
    if (absent.has((cause as NodeJS.ErrnoException).code ?? '')) return null;
    throw cause;
  }
}

const severalNames = (path: string, names: number) =>
  new UserError(
    `The data file ${path} has ${names} names (hard links), and changes under one name are missing ` +
      'under the other, so this command did not start.\n' +
      `Delete the other name. This command lists every name: find / -xdev -samefile ${shellWord(path)}`,
  );
