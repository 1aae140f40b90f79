import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProcess } from '../../../activities/lib/process.ts';

let cwd: string;
beforeAll(() => void (cwd = mkdtempSync(join(tmpdir(), 'plimsoll-process-'))));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const env = { PATH: process.env['PATH'] ?? '' };
const sh = (script: string, more: object = {}) =>
  runProcess(['sh', '-c', script], { cwd, env, timeoutMs: 30_000, ...more });
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};
const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const pidIn = (file: string) => {
  try {
    return Number(readFileSync(join(cwd, file), 'utf8'));
  } catch {
    return 0;
  }
};
const grandchild = (file: string) => `sh -c 'echo $$ > ${file}; exec sleep 1000' & wait`;

describe('a command that is run to its end', () => {
  test('returns its code and output, and has no stdin and no environment of ours', async () => {
    const script = 'cat; echo out; echo err >&2; echo "home=$HOME"; exit 3';
    const { code, output, timedOut } = await sh(script);
    expect([code, timedOut]).toEqual([3, false]);
    expect(output.split('\n').toSorted()).toEqual(['', 'err', 'home=', 'out']);
  });

  test('that is not there says so', async () => {
    const call = runProcess(['/no/such/program'], { cwd, env, timeoutMs: 30_000 });
    expect(await call).toMatchObject({ code: 127 });
  });

  test('ends with its children when its time is over, even if they do not listen', async () => {
    const script = `trap '' TERM; ${grandchild('late')}`;
    const ended = await sh(script, { timeoutMs: 1000 });
    expect(ended).toMatchObject({ timedOut: true });
    await until(() => !isAlive(pidIn('late')));
  });

  test('ends with its children when it is cancelled', async () => {
    const cancel = new AbortController();
    const call = sh(grandchild('cancelled'), { signal: cancel.signal });
    await until(() => pidIn('cancelled') > 0);
    cancel.abort(new Error('called off'));
    await expect(call).rejects.toThrow('called off');
    await until(() => !isAlive(pidIn('cancelled')));
  });

  test('leaves nothing behind when it ends by itself', async () => {
    await sh("sh -c 'echo $$ > left; exec sleep 1000' >/dev/null 2>&1 & sleep 0.2");
    await until(() => pidIn('left') > 0 && !isAlive(pidIn('left')));
  });

  test('does not outlive a worker that is killed', async () => {
    const module = fileURLToPath(new URL('../../../activities/lib/process.ts', import.meta.url));
    const script = join(cwd, 'holder.mjs');
    const call = `await runProcess(['sh', '-c', ${JSON.stringify(grandchild('orphan'))}], ${JSON.stringify({ cwd, env, timeoutMs: 60_000 })});`;
    writeFileSync(script, `import { runProcess } from ${JSON.stringify(module)};\n${call}\n`);
    const holder = spawn(process.execPath, [script], { stdio: 'ignore' });
    await until(() => pidIn('orphan') > 0);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await until(() => !isAlive(pidIn('orphan')));
  });
});
