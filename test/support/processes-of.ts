import { readdirSync, readFileSync } from 'node:fs';
import { isAlive } from '../worker/engine/processes.ts';

/**
 * The command lines of all other processes that name `directory` in their command line or
 * environment.
 */
export function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && isAlive(Number(name)))
    .filter((pid) => ['cmdline', 'environ'].some((file) => read(pid, file).includes(directory)))
    .map((pid) => read(pid, 'cmdline').replaceAll('\0', ' ').trim());
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
