import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Returns the result of `read`, or null if `read` throws. On systems other than Linux, every read
 * of /proc throws.
 */
const attempt = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

const shaOf = (path: string | null) =>
  path === null ? null : (/^([0-9a-f]{40})(?:-[0-9a-f]{8})?$/.exec(basename(path))?.[1] ?? null);

/** Returns the SHA of the release that a symlink points to, or null. */
export const linkSha = (link: string) => shaOf(attempt(() => readlinkSync(link)));

/** Returns the SHA that is checked out in a directory, or null if its HEAD is not detached. */
export const checkoutSha = (directory: string) =>
  shaOf(attempt(() => readFileSync(join(directory, '.git/HEAD'), 'utf8').trim()));

/** Returns the SHA of the release in whose directory the process runs, or null. */
export const processSha = (pid: number) => shaOf(attempt(() => readlinkSync(`/proc/${pid}/cwd`)));

/** Returns the id of the process that listens on a TCP port of this machine, or null. */
export function listenerPid(port: number): number | null {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listening(table, port));
  if (inodes.length === 0) return null;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pids = (attempt(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name));
  const holder = pids.find((pid) => {
    const fds = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    return fds.some((fd) => wanted.has(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''));
  });
  return holder === undefined ? null : Number(holder);
}

function listening(table: string, port: number): string[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = attempt(() => readFileSync(table, 'utf8'))?.split('\n') ?? [];
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((cells) => cells[3] === '0A' && cells[1]?.endsWith(hex))
    .map((cells) => cells[9] ?? '');
}

/** Returns the ids of the children of a process, as /proc lists them. */
export function childrenOf(pid: number): number[] {
  const text = attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? '';
  return text.split(' ').filter(Boolean).map(Number);
}
