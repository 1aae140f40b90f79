// This file is plain JavaScript. bin/setup.mjs uses it on any Node, before any dependency is
// installed.
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const silentAfterMs = 60_000;

/**
 * Runs `work` while no other process holds the lock `path`. `onWait` is called once with the pid
 * of the holder. A holder loses the lock if its process has ended, or if it did not touch the lock
 * file for a minute.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (pid: number) => void, pollMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { onWait = () => {}, pollMs = 200 } = {}) {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let told = false;
  while (!(await take(path))) {
    const holder = await holderOf(path);
    if (holder && !holder.alive) await breakLock(path, holder.pid);
    if (!holder?.alive) continue;
    if (!told) onWait(holder.pid);
    told = true;
    await sleep(pollMs);
  }
  const pulse = setInterval(() => void touch(path), 5000);
  pulse.unref();
  try {
    return await work();
  } finally {
    clearInterval(pulse);
    await breakLock(path, process.pid);
  }
}

/**
 * Takes the lock, or returns false if another process holds it. The lock file is a hard link to a
 * complete file, so a lock file always contains a pid.
 */
async function take(path) {
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(own, String(process.pid), { mode: 0o600 });
  try {
    await link(own, path);
    return true;
  } catch (cause) {
    if (cause.code === 'EEXIST') return false;
    throw cause;
  } finally {
    await rm(own, { force: true });
  }
}

async function holderOf(path) {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const pid = Number(text);
    return { pid, alive: isAlive(pid) && Date.now() - mtimeMs < silentAfterMs };
  } catch (cause) {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}

/**
 * Removes the lock of a holder that has ended. At the same time, another process may take the lock.
 * So the lock file is renamed first, and put back if it contains another pid.
 */
async function breakLock(path, pid) {
  const aside = `${path}.broken.${process.pid}`;
  try {
    await rename(path, aside);
    if (Number(await readFile(aside, 'utf8')) !== pid) await link(aside, path);
  } catch (cause) {
    if (cause.code !== 'ENOENT' && cause.code !== 'EEXIST') throw cause;
  } finally {
    await rm(aside, { force: true });
  }
}

const touch = (path) => {
  const now = new Date();
  return utimes(path, now, now).catch(() => {});
};
