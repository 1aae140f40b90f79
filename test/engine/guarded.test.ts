import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawnGuarded } from '../../worker/engine/guarded.ts';
import { temporary } from '../bin/fake-command.ts';
import { isAlive, until } from './processes.ts';

const guarded = JSON.stringify(
  fileURLToPath(new URL('../../worker/engine/guarded.ts', import.meta.url)),
);

/** A parent that guards a shell with a child of its own; prints the pids of both. */
async function family(parentBody: string) {
  const directory = temporary('guard');
  const file = join(directory, 'parent.ts');
  writeFileSync(
    file,
    `import { spawnGuarded } from ${guarded};
const child = await spawnGuarded('sh', ['-c', 'sleep 300 & echo $! $$; wait']);
child.process.stdout.on('data', (chunk) => process.stdout.write(chunk));
${parentBody}`,
  );
  const parent = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(parent.stdout, 'data');
  const pids = String(chunk).trim().split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  return { parent, pids };
}

test.each([
  ['kill -9', 'SIGKILL'],
  ['Ctrl-C', 'SIGINT'],
  ['kill', 'SIGTERM'],
] as const)('%s of the parent leaves no grandchild', async (_, signal) => {
  const { parent, pids } = await family('');
  parent.kill(signal);
  await until(() => !pids.some(isAlive), 2000);
});

test.each([
  ['a crash', `setTimeout(() => { throw new Error('on purpose') }, 100);`],
  ['a plain exit', 'setTimeout(() => process.exit(0), 100);'],
])('%s of the parent leaves no grandchild', async (_, body) => {
  const { pids } = await family(body.replace('throw', 'console.error = () => {}; throw'));
  await until(() => !pids.some(isAlive), 2000);
});

test('Ctrl-C in a terminal does not reach the command before its parent', async () => {
  const { process: guard, pid, stop } = await spawnGuarded('sleep', ['300']);
  const group = (of: number) => readFileSync(`/proc/${of}/stat`, 'utf8').split(' ')[4];
  expect(group(guard.pid!)).not.toBe(group(process.pid));
  expect(group(pid)).toBe(String(pid));
  await stop();
});

test('stop ends the command and what it started', async () => {
  const child = await spawnGuarded('sh', ['-c', 'sleep 300 & echo $!; wait']);
  const [chunk] = await once(child.process.stdout!, 'data');
  await child.stop();
  await until(() => ![child.pid, Number(String(chunk))].some(isAlive), 2000);
  expect(await child.exited).toBe(null);
  await child.stop();
});

test('a command that ignores TERM is killed after its grace', async () => {
  const script = `trap '' TERM; echo ready; while :; do sleep 1; done`;
  const child = await spawnGuarded('sh', ['-c', script], { graceMs: 200 });
  await once(child.process.stdout!, 'data');
  const started = Date.now();
  await child.stop();
  expect(Date.now() - started).toBeGreaterThanOrEqual(200);
  expect(isAlive(child.pid)).toBe(false);
});

test('exit code and output are the command’s', async () => {
  const child = await spawnGuarded('sh', ['-c', 'echo out; echo err >&2; exit 3']);
  const { stdout, stderr } = child.process;
  expect(await Promise.all([text(stdout!), text(stderr!), child.exited])).toEqual([
    'out\n',
    'err\n',
    3,
  ]);
});

test('a command that does not exist is refused by name', async () => {
  await expect(spawnGuarded('/no/such/command', [])).rejects.toThrow(
    '/no/such/command did not start: spawn /no/such/command ENOENT',
  );
});

test('a guard that is killed itself leaves no command behind', async () => {
  const child = await spawnGuarded('sleep', ['300']);
  child.process.kill('SIGKILL');
  await child.exited;
  await until(() => !isAlive(child.pid), 2000);
});

test('the guard works from a shell by its stdin alone', async () => {
  const guard = fileURLToPath(new URL('../../worker/engine/guard.mjs', import.meta.url));
  const child = spawn(process.execPath, [guard, '1000', 'sh', '-c', 'echo $$; sleep 300']);
  const [chunk] = await once(child.stdout, 'data');
  child.stdin.end();
  await once(child, 'exit');
  expect(isAlive(Number(String(chunk)))).toBe(false);
});
