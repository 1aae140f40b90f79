import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { inherited } from '../../activities/lib/child-environment.ts';
import { startProcess } from '../../activities/lib/process.ts';
import type { Started } from '../../activities/lib/process.ts';
import type { Fleet } from './fleet.ts';

const ownRoot = fileURLToPath(new URL('../..', import.meta.url));
const launcherOf = (root: string) => join(root, 'bin/plimsoll.mjs');
const execute = promisify(execFile);

/**
 * Returns the environment of a child process. Leaves out the Temporal settings and DATABASE_URL of
 * the parent process, so that the demo never uses a real Temporal or a real ledger.
 */
export function environment(address: string, more: Record<string, string> = {}) {
  const own = Object.keys(process.env).filter(
    (name) => !name.startsWith('TEMPORAL_') && name !== 'DATABASE_URL',
  );
  return {
    ...inherited(own),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
    ...more,
  };
}

/**
 * `root` is the directory with the sources of Plimsoll that the worker runs. Default: the sources
 * of this process.
 */
export type WorkerStart = { address: string; fleet: Fleet; log: string; root?: string };

/** Starts `plimsoll worker` as a separate process. Resolves when the worker polls Temporal. */
export async function startWorker({
  address,
  fleet,
  log,
  root = ownRoot,
}: WorkerStart): Promise<Started> {
  const file = openSync(log, 'a');
  const args = [launcherOf(root), 'worker', '--config', fleet.configPath];
  const env = environment(address, fleet.env);
  const worker = await startProcess(process.execPath, args, { env, stdout: file, stderr: file });
  let ended = false;
  void worker.exited.then(() => (ended = true));
  const before = countOf(log);
  while (countOf(log) === before) {
    if (ended)
      throw new Error(
        `The worker ended before it polled Temporal. Its log:\n${readFileSync(log, 'utf8')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return worker;
}

const countOf = (log: string) => readFileSync(log, 'utf8').split('Working for').length;

export type Answer = { code: number; stdout: string; stderr: string };

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Runs the CLI as a child process, as a shell does. If the parent process exits, the child process
 * is killed.
 */
export async function plimsoll(address: string, args: string[], env = {}): Promise<Answer> {
  const options = { env: environment(address, env), maxBuffer: 16 * 1024 * 1024 };
  const executing = execute(process.execPath, [launcherOf(ownRoot), ...args], options);
  running.add(executing.child);
  try {
    const { stdout, stderr } = await executing;
    return { code: 0, stdout, stderr };
  } catch (cause) {
    const { code, stdout, stderr } = cause as Answer & { code: number | string };
    if (typeof code !== 'number') throw cause;
    return { code, stdout, stderr };
  } finally {
    running.delete(executing.child);
  }
}
