import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withSsh } from '../../activities/ssh.ts';
import { Board } from '../../sandbox/board.ts';
import { samples, writeTree } from '../../sandbox/samples.ts';
import { startVpsHost } from '../../sandbox/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../sandbox/vps/start-vps-host.ts';
import { hostTruth } from '../../sandbox/vps/truth.ts';
import { hostOf } from '../activities/vps-fixture.ts';

const run = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), 'vps-sandbox-'));
const board = new Board();
const [one, two, crash] = ['1', '2', 'c'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
];
let handle: VpsHostHandle;

beforeAll(async () => {
  const service = { unit: 'shop', environmentFile: `-${join(root, 'shop.env')}` };
  handle = await startVpsHost({ directory: root, name: 'shop-1', board, service });
  for (const [sha, tree] of [
    [one, samples.good(1)],
    [two, samples.good(2)],
    [crash, samples.crashesAtStart()],
  ] as const) {
    writeTree(join(handle.directory, 'releases', sha), tree);
  }
});
afterAll(async () => {
  await handle.stop();
  rmSync(root, { recursive: true, force: true });
});

const tool = async (name: string, ...args: string[]) =>
  run(join(handle.bin, name), args).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (cause: { code: number; stdout: string; stderr: string }) => ({
      code: cause.code,
      stdout: cause.stdout,
      stderr: cause.stderr,
    }),
  );
const point = (sha: string) => {
  rmSync(join(handle.directory, 'current'), { force: true });
  symlinkSync(`releases/${sha}`, join(handle.directory, 'current'));
};
const until = async <T>(read: () => Promise<T>, wanted: (value: T) => boolean) => {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await read();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came');
};
const show = async (property: string) =>
  (await tool('systemctl', 'show', '-p', property, 'shop')).stdout.trim().split('=')[1] ?? '';
const served = () =>
  until(
    () => hostTruth(handle),
    (truth) => truth.served !== null,
  );

describe('systemctl', () => {
  beforeEach(() => tool('systemctl', 'reset-failed', 'shop'));

  test('shows a unit that never ran as Key=Value lines, and is-active answers 3, 4, 0', async () => {
    const { stdout } = await tool(
      'systemctl',
      'show',
      '-p',
      'ActiveState,MainPID,InvocationID',
      'shop',
    );
    expect(stdout).toBe('ActiveState=inactive\nMainPID=0\nInvocationID=\n');
    expect(await tool('systemctl', 'is-active', 'shop')).toMatchObject({
      code: 3,
      stdout: 'inactive\n',
    });
    expect(await tool('systemctl', 'is-active', 'nope')).toMatchObject({ code: 4 });
    point(one);
    await tool('systemctl', 'restart', 'shop');
    expect(await tool('systemctl', 'is-active', 'shop')).toMatchObject({
      code: 0,
      stdout: 'active\n',
    });
  });

  test('gives every start another InvocationID and main process', async () => {
    point(one);
    await tool('systemctl', 'restart', 'shop');
    const before = [await show('InvocationID'), await show('MainPID')];
    await tool('systemctl', 'restart', 'shop');
    const after = [await show('InvocationID'), await show('MainPID')];
    expect(after[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  test('restarts a process that was killed, and counts it', async () => {
    point(one);
    await tool('systemctl', 'restart', 'shop');
    process.kill(Number(await show('MainPID')), 'SIGKILL');
    await until(
      () => show('NRestarts'),
      (count) => count === '1',
    );
    await until(
      () => show('ActiveState'),
      (state) => state === 'active',
    );
    expect((await served()).running).toBe(one);
  });

  test('gives up on a release that crashes at start, and refuses until reset-failed', async () => {
    point(crash);
    await tool('systemctl', 'restart', 'shop');
    await until(
      () => show('ActiveState'),
      (state) => state === 'failed',
    );
    expect([await show('Result'), await show('ExecMainStatus')]).toEqual(['exit-code', '1']);
    expect(await tool('systemctl', 'restart', 'shop')).toMatchObject({ code: 1 });
    await tool('systemctl', 'reset-failed', 'shop');
    expect(await tool('systemctl', 'restart', 'shop')).toMatchObject({ code: 0 });
  });

  test('answers 5 for a unit that it does not have and 1 for a verb', async () => {
    expect(await tool('systemctl', 'restart', 'nope')).toEqual({
      code: 5,
      stdout: '',
      stderr: 'Failed to restart nope.service: Unit nope.service not found.\n',
    });
    expect(await tool('systemctl', 'explode', 'shop')).toMatchObject({ code: 1 });
  });
});

describe('journalctl', () => {
  test('has the output with its priority, by unit, time, priority and number', async () => {
    point(crash);
    await tool('systemctl', 'reset-failed', 'shop');
    const since = Math.floor(Date.now() / 1000);
    await tool('systemctl', 'restart', 'shop');
    await until(
      () => show('ActiveState'),
      (state) => state === 'failed',
    );
    const window = ['--since', `@${since}`, '--until', `@${since + 60}`, '--no-pager'];
    const query = ['-u', 'shop', ...window, '-o', 'json', '-n', '500', '-p', '3'];
    const { stdout } = await tool('journalctl', ...query);
    const [line] = stdout.split('\n').map((text) => JSON.parse(text || '{}') as object);
    expect(line).toEqual({
      __REALTIME_TIMESTAMP: expect.stringMatching(/^\d{16}$/),
      PRIORITY: '3',
      MESSAGE: 'error: DATABASE_URL is not set',
      _SYSTEMD_UNIT: 'shop.service',
      _PID: expect.stringMatching(/^\d+$/),
      SYSLOG_IDENTIFIER: 'shop',
    });
    const none = await tool('journalctl', '-u', 'shop', '--until', '@1', '-o', 'json');
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(await tool('journalctl', '--explode')).toMatchObject({ code: 1 });
  });
});

describe('truth', () => {
  test('follows what is changed behind the back of the stand-in, and counts none of it', async () => {
    await tool('systemctl', 'reset-failed', 'shop');
    point(one);
    await tool('systemctl', 'restart', 'shop');
    const counted = board.effects.length;
    expect(await served()).toMatchObject({ current: one, running: one, served: { sha: one } });
    point(two);
    expect(await served()).toMatchObject({ current: two, running: one, served: { sha: one } });
    await tool('systemctl', 'restart', 'shop');
    const after = await until(
      () => hostTruth(handle),
      (truth) => truth.served?.sha === two,
    );
    expect(after).toMatchObject({ current: two, running: two });
    expect(board.effects.length).toBe(counted);
  });

  test('sees a process that a person started by hand on the port', async () => {
    await tool('systemctl', 'stop', 'shop');
    const cwd = join(handle.directory, 'releases', one);
    const env = { ...process.env, PORT: new URL(handle.url).port };
    const byHand = spawn(process.execPath, ['server.mjs'], { cwd, env, stdio: 'ignore' });
    const truth = await served();
    byHand.kill('SIGKILL');
    expect(truth).toMatchObject({ running: one, pid: byHand.pid, current: two });
  });
});

test('a held command has had its effect before it answers', async () => {
  await tool('systemctl', 'reset-failed', 'shop');
  board.arm({ service: 'vps', match: 'restart', kind: 'hold', times: 1 });
  let answered = false;
  const work = withSsh(
    hostOf(handle),
    { identity: handle.clientKeyPath },
    { signal: undefined },
    (remote) => remote.run('systemctl restart shop', [], { step: 'restart', timeoutMs: 10_000 }),
  ).then(() => (answered = true));
  await until(
    async () => board.holding,
    (holding) => holding === 1,
  );
  expect(board.effects.at(-1)).toMatchObject({ operation: 'restart', detail: `shop-1 ${two}` });
  expect(answered).toBe(false);
  board.release();
  await work;
});

test('the host dies with the process that owns it, even by SIGKILL', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vps-owner-'));
  const script = join(directory, 'owner.ts');
  const at = (path: string) => JSON.stringify(join(import.meta.dirname, '../../sandbox', path));
  writeFileSync(
    script,
    `import { startVpsHost } from ${at('vps/start-vps-host.ts')};
import { samples, writeTree } from ${at('samples.ts')};
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
