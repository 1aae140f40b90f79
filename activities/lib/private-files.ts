import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';

const fileMode = 0o600;
const directoryMode = 0o700;

/**
 * Makes new files and directories readable for this user only. This applies to all files of this
 * process and its children, because the umask belongs to the whole process. Call this function once
 * at the start.
 */
export const createPrivately = (): void => void process.umask(0o077);

/**
 * Creates the directory and its missing parents, for this user only. If the directory exists,
 * removes all rights of other users. If the directory belongs to another user, does not change it.
 */
export function privateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: directoryMode });
  try {
    restrict(path, directoryMode);
  } catch (cause) {
    // An example is a mounted volume that belongs to root. The files in it are private anyway.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') throw cause;
  }
}

/**
 * Creates the file, empty and for this user only. If the file exists, removes all rights of other
 * users. Throws the system's error if this fails.
 */
export function privateFile(path: string): void {
  closeSync(openSync(path, 'a', fileMode));
  restrict(path, fileMode);
}

/** Removes all rights of other users on existing files. Skips files that do not exist. */
export function restrictFiles(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      restrict(path, fileMode);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    }
  }
}

/**
 * The files of an SQLite database. SQLite keeps recent changes in two more files in the same
 * directory.
 */
export const sqliteFiles = (path: string): string[] => [path, `${path}-wal`, `${path}-shm`];

function restrict(path: string, mode: number) {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, mode);
}
