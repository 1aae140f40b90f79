import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostTruth } from '../../../../sandbox/platforms/vps/truth.ts';
import { one, startMachine, two, until } from './vps-machine.ts';
import type { Machine } from './vps-machine.ts';

let machine: Machine;
const tool: Machine['tool'] = (...args) => machine.tool(...args);
const point = (sha: string) => machine.point(sha);
beforeAll(async () => {
  machine = await startMachine();
});
afterAll(() => machine.stop());

describe('truth', () => {
  test('follows what is changed behind the back of the stand-in, and counts none of it', async () => {
    await tool('systemctl', 'reset-failed', 'shop');
    point(one);
    await tool('systemctl', 'restart', 'shop');
    const counted = machine.board.effects.length;
    expect(await machine.served()).toMatchObject({
      current: one,
      running: one,
      served: { sha: one },
    });
    point(two);
    expect(await machine.served()).toMatchObject({
      current: two,
      running: one,
      served: { sha: one },
    });
    await tool('systemctl', 'restart', 'shop');
    const after = await until(
      () => hostTruth(machine.handle),
      (truth) => truth.served?.sha === two,
    );
    expect(after).toMatchObject({ current: two, running: two });
    await machine.onHost('true', 'look');
    expect(machine.board.effects.length).toBe(counted);
  });

  test('sees a process that a person started by hand on the port', async () => {
    await tool('systemctl', 'stop', 'shop');
    const cwd = join(machine.handle.directory, 'releases', one);
    const env = { ...process.env, PORT: new URL(machine.handle.url).port };
    const byHand = spawn(process.execPath, ['server.mjs'], { cwd, env, stdio: 'ignore' });
    const truth = await machine.served();
    byHand.kill('SIGKILL');
    expect(truth).toMatchObject({ running: one, pid: byHand.pid, current: two });
  });
});

test('a held command has had its effect before it answers', async () => {
  await tool('systemctl', 'reset-failed', 'shop');
  machine.board.arm({ service: 'vps', match: 'restart', kind: 'hold', times: 1 });
  let answered = false;
  const work = machine.onHost('systemctl restart shop', 'restart').then(() => (answered = true));
  await until(
    async () => machine.board.holding,
    (holding) => holding === 1,
  );
  expect(machine.board.effects.at(-1)).toMatchObject({
    operation: 'restart',
    detail: `shop-1 ${two}`,
  });
  expect(answered).toBe(false);
  machine.board.release();
  await work;
});

test('the host dies with the process that owns it, even by SIGKILL', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vps-owner-'));
  const script = join(directory, 'owner.ts');
  const at = (path: string) =>
    JSON.stringify(join(import.meta.dirname, '../../../../sandbox', path));
  writeFileSync(
    script,
    `import { startVpsHost } from ${at('platforms/vps/start-vps-host.ts')};
import { samples, writeTree } from ${at('samples/samples.ts')};
import { Board } from ${at('board.ts')};
import { execFileSync, execFile } from 'node:child_process';
const h = await startVpsHost({ directory: ${JSON.stringify(join(directory, 'h'))}, name: 'a',
  board: new Board(), service: { unit: 'a' } });
writeTree(h.directory + '/current', samples.good(1));
execFile(h.bin + '/systemctl', ['restart', 'a'], () => console.log(h.url + ' ' + h.sshPort));
`,
  );
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url = '', sshPort = ''] = await new Promise<string[]>((resolve) => {
    owner.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim().split(' ')));
  });
  const alive = (address: string) =>
    fetch(address).then(
      () => true,
      (cause: Error) => !String((cause.cause as { code?: string })?.code).includes('ECONNREFUSED'),
    );
  await until(() => alive(`${url}/healthz`), Boolean);
  owner.kill('SIGKILL');
  await until(
    () => alive(`${url}/healthz`),
    (it) => !it,
  );
  await until(
    () => alive(`http://127.0.0.1:${sshPort}`),
    (it) => !it,
  );
  rmSync(directory, { recursive: true, force: true });
});
