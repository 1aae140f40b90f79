import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { verbNames as verbs } from '../../client/verbs.ts';
import { runCli } from '../support/run-cli.ts';

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
});
