import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { isAlive } from '../worker/engine/processes.ts';
import { processesOf } from './processes-of.ts';

/**
 * The time limit of a test. A question of the demo stays open for a shorter time. So on a slow
 * machine the demo reports its own error before the test times out.
 */
export const limit = { timeout: 300_000 };

/**
 * Runs the demo as people run it, but with its own TMPDIR. `processes` finds the demo's processes
 * by that directory.
 */
export function useDemo() {
  let temporary: string;
  let started: ReturnType<typeof run> | undefined;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'plimsoll-demo-test-'));
  });
  afterEach(() => {
    if (started && isAlive(started.child.pid ?? -1)) started.child.kill('SIGKILL');
    rmSync(temporary, { recursive: true, force: true });
  });
  const start = (...options: string[]) => {
    started = run(temporary, options);
    return started;
  };
  const files = () => readdirSync(temporary);
  return { start, files, processes: () => processesOf(temporary) };
}

function run(temporary: string, options: readonly string[]) {
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, ['bin/start.mjs', '--exit', '--json', ...options], {
    cwd: join(import.meta.dirname, '../..'),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, said, ended: once(child, 'close') };
}
