import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * True if the process runs. A zombie process, which has ended but is still in the process table,
 * does not count as running.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Waits until `condition` is true. Rejects if the condition is still false after `withinMs`
 * milliseconds.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`after ${withinMs} ms this is still false: ${condition}`);
    await sleep(20);
  }
}
