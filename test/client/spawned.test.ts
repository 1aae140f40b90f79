import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { verbNames as verbs } from '../../client/verbs.ts';
import { runCli } from '../support/run-cli.ts';
import { configText } from '../worker/doctor/doctor-fixture.ts';

const launcher = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));
const execute = promisify(execFile);

/**
 * These tests start every command in a new process, as people do. Other tests call `main` inside
 * the test process.
 */
describe.concurrent('a process of its own', () => {
  it.each(verbs)('plimsoll %s', { timeout: 60_000 }, async (verb) => {
    const env = { ...process.env, NO_COLOR: '1' };
    const spawned = await execute(process.execPath, [launcher, verb, '--help'], { env });
    const inside = await runCli([verb, '--help'], env);
    expect(inside).toEqual({ code: 0, ...spawned });
    expect(inside.stdout).toContain(`plimsoll ${verb}`);
  });

  it('a worker that cannot start says why, and ends', { timeout: 60_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'spawned-'));
    const config = join(directory, 'plimsoll.yaml');
    writeFileSync(config, configText({ top: { seal: 'env:NOT_SET' } }));
    const { PLIMSOLL_SERVER: _, ...rest } = process.env;
    const env = { ...rest, XDG_DATA_HOME: directory, XDG_CACHE_HOME: directory };
    const args = [launcher, 'worker', '--config', config];
    const ended = execute(process.execPath, args, { env, timeout: 50_000, killSignal: 'SIGKILL' });
    await expect(ended).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("The worker's environment has no NOT_SET"),
    });
  });
});
