import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mustRun, startProcess } from '../../../activities/lib/process.ts';
import { temporary } from '../../bin/fake-command.ts';
import { isAlive, until } from '../../worker/engine/processes.ts';

const module = JSON.stringify(
  fileURLToPath(new URL('../../../activities/lib/process.ts', import.meta.url)),
);

/**
 * Starts a parent process. The parent starts a shell, and the shell starts a child. Returns the
 * process ids of the shell and the child.
 */
async function family(parentBody: string) {
  const directory = temporary('guard');
  const file = join(directory, 'parent.ts');
  writeFileSync(
    file,
    `import { startProcess } from ${module};
const child = await startProcess('sh', ['-c', 'sleep 300 & echo $! $$; wait']);
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
  const { pid, stop } = await startProcess('sleep', ['300']);
  const group = (of: number) => readFileSync(`/proc/${of}/stat`, 'utf8').split(' ')[4];
  expect(group(pid)).toBe(String(pid));
  await stop();
});

test('stop ends the command and what it started', async () => {
  const child = await startProcess('sh', ['-c', 'sleep 300 & echo $!; wait']);
  const [chunk] = await once(child.process.stdout!, 'data');
  await child.stop();
  await until(() => ![child.pid, Number(String(chunk))].some(isAlive), 2000);
  expect(await child.exited).toBe(null);
  await child.stop();
});

test('a command that ignores TERM is killed after its grace', async () => {
  const script = `trap '' TERM; echo ready; while :; do sleep 1; done`;
  const child = await startProcess('sh', ['-c', script], { graceMs: 200 });
  await once(child.process.stdout!, 'data');
  const started = Date.now();
  await child.stop();
  expect(Date.now() - started).toBeGreaterThanOrEqual(200);
  expect(isAlive(child.pid)).toBe(false);
});

test('exit code and output are the command’s', async () => {
  const child = await startProcess('sh', ['-c', 'echo out; echo err >&2; exit 3']);
  const { stdout, stderr } = child.process;
  expect(await Promise.all([text(stdout!), text(stderr!), child.exited])).toEqual([
    'out\n',
    'err\n',
    3,
  ]);
});

test('a command that does not exist is refused by name', async () => {
  await expect(startProcess('/no/such/command', [])).rejects.toThrow(
    '/no/such/command did not start: spawn /no/such/command ENOENT',
  );
});

test('a command that is killed leaves nothing of its group', async () => {
  const child = await startProcess('sh', ['-c', 'sleep 300 & echo $!; wait']);
  const [chunk] = await once(child.process.stdout!, 'data');
  child.process.kill('SIGKILL');
  expect(await child.exited).toBe(null);
  await until(() => ![child.pid, Number(String(chunk))].some(isAlive), 2000);
});

test('a command without its watcher still ends at stop, with what it started', async () => {
  const child = await startProcess('sh', ['-c', 'sleep 300 & echo $!; wait']);
  const [chunk] = await once(child.process.stdout!, 'data');
  const sleeper = Number(String(chunk));
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  const [watcher] = children.trim().split(' ').map(Number);
  expect(watcher).not.toBe(sleeper);
  process.kill(watcher!, 'SIGKILL');
  await child.stop();
  await until(() => ![child.pid, sleeper].some(isAlive), 2000);
});

test('a command whose parent was killed has its grace to end by itself', async () => {
  const directory = temporary('guard');
  const ended = join(directory, 'ended');
  // At this time the pipes to the parent are closed. SIGPIPE ends a shell that writes to these
  // pipes.
  const script =
    `exec 2>/dev/null; trap 'sleep 0.3; echo > ${ended}; exit' TERM; ` +
    'echo ready; while :; do sleep 0.1; done';
  const file = join(directory, 'parent.ts');
  writeFileSync(
    file,
    `import { startProcess } from ${module};
const child = await startProcess('sh', ['-c', ${JSON.stringify(script)}]);
child.process.stdout.on('data', (chunk) => process.stdout.write(chunk));`,
  );
  const parent = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await until(() => existsSync(ended), 4000);
});

describe('a command that must succeed', () => {
  const sh = (script: string, more = {}) =>
    mustRun('sh', ['-c', script], { timeoutMs: 30_000, ...more });

  test('is refused with the end of its stderr, or with its code', async () => {
    await expect(sh('echo out')).resolves.toBe(undefined);
    await expect(sh('seq 9 >&2; exit 3')).rejects.toThrow('5\n6\n7\n8\n9');
    await expect(sh('exit 3')).rejects.toThrow('ended with exit code 3');
  });

  test('is given up at its time limit', async () => {
    await expect(sh('sleep 300', { timeoutMs: 200 })).rejects.toThrow('gave up after 0.2 s');
  });

  test('is ended by a tick that says no', async () => {
    const call = sh('sleep 300', { everyMs: 50, onTick: () => false });
    await expect(call).rejects.toThrow('no progress after 0 s');
  });
});
