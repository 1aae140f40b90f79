import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive, until } from '../worker/engine/processes.ts';
import { temporary } from './fake-command.ts';

const launch = JSON.stringify(fileURLToPath(new URL('../../bin/launch.mjs', import.meta.url)));

/**
 * Starts a program as the launcher does on an old version of Node. The file `outer` stands for the
 * launcher. It runs the file `inner` with the right version of Node.
 */
function launched(body: string): ChildProcess {
  const directory = temporary('launch');
  const inner = join(directory, 'inner.mjs');
  const outer = join(directory, 'outer.mjs');
  writeFileSync(
    inner,
    `import { withNode } from ${launch};\nawait withNode(import.meta.url, async () => {${body}});`,
  );
  writeFileSync(
    outer,
    `import { runAgain } from ${launch};\nawait runAgain(process.execPath, ${JSON.stringify(inner)});`,
  );
  return spawn(process.execPath, [outer, 'an argument'], { stdio: ['ignore', 'pipe', 'pipe'] });
}

const result = async (child: ChildProcess) => {
  const [[code, signal], out, err] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, signal, out, err };
};

test('arguments and exit code pass through', async () => {
  const child = launched('console.log(process.argv[2]); process.exitCode = 7;');
  expect(await result(child)).toMatchObject({ code: 7, out: 'an argument\n', err: '' });
});

test('a death by signal is passed on', async () => {
  const child = launched(`process.kill(process.pid, 'SIGKILL');`);
  expect(await result(child)).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('warnings of experimental features are hidden, other warnings are shown', async () => {
  const body = `process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning');
    process.emitWarning('look out');`;
  const { err } = await result(launched(body));
  expect(err).not.toContain('Experimental');
  expect(err).toContain('Warning: look out');
});

test('an error for people has no stack, a bug has one', async () => {
  const forPeople = `throw Object.assign(new Error('Do this.'), { name: 'UserError', exitCode: 4 });`;
  expect(await result(launched(forPeople))).toMatchObject({ code: 4, err: 'Do this.\n' });
  const bug = await result(launched(`throw new TypeError('oops')`));
  expect(bug.code).toBe(1);
  expect(bug.err).toMatch(/TypeError: oops\n +at /);
});

const patient = `
  process.on('SIGTERM', () => { console.log('told'); clearInterval(work); });
  const work = setInterval(() => {}, 1000);
  console.log(process.pid);`;

test.each(['SIGTERM', 'SIGINT'] as const)('%s is passed on', async (signal) => {
  const child = launched(patient.replace('SIGTERM', signal));
  await once(child.stdout!, 'readable');
  child.kill(signal);
  expect(await result(child)).toMatchObject({ code: 0, out: expect.stringMatching(/told\n$/) });
});

test('a launcher that is killed outright takes its child along', async () => {
  const child = launched(patient);
  const [chunk] = await once(child.stdout!, 'data');
  const pid = Number(String(chunk));
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !isAlive(pid), 2000);
});
