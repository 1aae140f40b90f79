import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createSshPool } from '../../../../../activities/platforms/vps/ssh/ssh.ts';
import type { SshPool } from '../../../../../activities/platforms/vps/ssh/ssh.ts';
import type { Remote } from '../../../../../activities/platforms/vps/ssh/remote.ts';
import type { VpsHost } from '../../../../../domain/platforms/vps/target.ts';
import { Board } from '../../../../../sandbox/board.ts';
import { startVpsHost } from '../../../../../sandbox/platforms/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../../../../sandbox/platforms/vps/start-vps-host.ts';
import { startStrictSsh } from './strict-ssh.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import { failureOf, hostOf } from '../fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'ssh-pool-test-'));
const board = new Board();
let handle: VpsHostHandle;
let proxy: TcpProxy;
let pool: SshPool;

beforeAll(async () => {
  handle = await startVpsHost({ directory: root, name: 'shop', board, service: { unit: 'shop' } });
});
afterAll(async () => {
  await handle.stop();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
  proxy = await startTcpProxy(handle.sshPort);
  pool = createSshPool({ answersMs: 1500 });
});
afterEach(async () => {
  pool.close();
  await proxy.close();
});

type Change = { host?: Partial<VpsHost>; identity?: string; signal?: AbortSignal };
const over = <T>(work: (remote: Remote) => Promise<T>, change: Change = {}) =>
  pool.withSsh(
    { ...hostOf(handle), port: proxy.port, ...change.host },
    { identity: change.identity ?? handle.clientKeyPath },
    { signal: change.signal },
    work,
  );
const say = (text: string, change: Change = {}) =>
  over(async (remote) => {
    const { stdout } = await remote.run('echo "$1"', [text], { timeoutMs: 10_000 });
    return stdout.trim();
  }, change);
/**
 * Runs a command that ends when `file` exists. `begun` waits until the command has started, and
 * `end` makes the file.
 */
const until = (file: string, change: Change = {}, timeoutMs = 20_000) => {
  const script = 'touch "$1.begun"; while [ ! -e "$1" ]; do sleep 0.05; done; echo done';
  const ended = over((remote) => remote.run(script, [join(root, file)], { timeoutMs }), change);
  return { ended, begun: () => seen(`${file}.begun`), end: () => touch(file) };
};
const touch = (file: string) => copyFileSync(handle.clientKeyPath, join(root, file));
const seen = (file: string) =>
  vi.waitFor(() => copyFileSync(join(root, file), join(root, 'seen')), { timeout: 10_000 });

test('commands to one host share a connection, one after the other and at once', async () => {
  expect(await say('a')).toBe('a');
  expect(await say('b')).toBe('b');
  expect(await Promise.all(['c', 'd', 'e'].map((it) => say(it)))).toEqual(['c', 'd', 'e']);
  expect(proxy.opened).toBe(1);
});

test('callers who come while it is being opened wait for the same one', async () => {
  expect(await Promise.all(['a', 'b', 'c'].map((it) => say(it)))).toEqual(['a', 'b', 'c']);
  expect(proxy.opened).toBe(1);
});

test('another identity never shares, even where it is the same key', async () => {
  const identity = join(root, 'the same key');
  copyFileSync(handle.clientKeyPath, identity);
  await say('a');
  await say('b', { identity });
  expect(proxy.opened).toBe(2);
  const refused = await failureOf(say('c', { identity: join(root, 'etc/host_key') }));
  expect(refused.message).toMatch(/^shop refused our ssh key for user /);
});

test('another pinned key never shares: the host is asked for its key again', async () => {
  await say('a');
  const hostKey = `SHA256:${'A'.repeat(43)}`;
  const refused = await failureOf(say('b', { host: { hostKey } }));
  expect(refused.message).toMatch(/^shop showed another host key than the pinned one/);
  expect(await say('c')).toBe('c');
});

test('a connection that died while it was idle is replaced before a command is lost', async () => {
  await say('a');
  proxy.forget();
  expect(await say('b')).toBe('b');
  expect(proxy.opened).toBe(2);
});

// The keepalive ends a dead connection after 15 s. This test must end earlier, so its time limit is
// 12 s.
test('a connection that answers nothing any more is replaced', { timeout: 12_000 }, async () => {
  await say('a');
  proxy.mute();
  expect(await say('b')).toBe('b');
  expect(proxy.opened).toBe(2);
});

test('a host that is gone is not waited for twice: the second connection says so', async () => {
  await say('a');
  await proxy.close();
  const failure = await failureOf(say('b'));
  expect(failure.type).toBe('Unavailable');
  expect(failure.message).toMatch(/^shop cannot be reached over ssh \(ECONNREFUSED\)/);
});

test('a command that was lost on the way is an unknown outcome and is never run again', async () => {
  await say('a');
  board.arm({ service: 'vps', match: 'flip', kind: 'drop-after', times: 1 });
  const file = join(root, 'once');
  const script = 'echo ran >>"$1"';
  const lost = over((remote) => remote.run(script, [file], { timeoutMs: 9000, step: 'flip' }));
  expect((await failureOf(lost)).type).toBe('UnknownOutcome');
  const count = over((remote) => remote.run('wc -l <"$1"', [file], { timeoutMs: 9000 }));
  expect((await count).stdout.trim()).toBe('1');
  expect(proxy.opened).toBe(2);
});

test('a cancelled command takes its connection out of use, and others on it end as they would', async () => {
  await say('a');
  const controller = new AbortController();
  const cancelled = until('never', { signal: controller.signal });
  const other = until('other');
  await Promise.all([cancelled.begun(), other.begun()]);
  controller.abort(new Error('cancelled by a person'));
  expect((await failureOf(cancelled.ended)).message).toBe('cancelled by a person');
  expect(await say('b')).toBe('b');
  expect([proxy.opened, proxy.open]).toEqual([2, 2]);
  other.end();
  expect((await other.ended).stdout).toBe('done\n');
  await expect.poll(() => proxy.open).toBe(1);
  touch('never');
});

test('a command that did not end in time takes its connection out of use', async () => {
  const late = await failureOf(until('not in time', {}, 1000).ended);
  expect(late.type).toBe('UnknownOutcome');
  expect(await say('a')).toBe('a');
  expect(proxy.opened).toBe(2);
});

test('a host that allows one command a connection gets a connection for each', async () => {
  const file = join(root, 'etc/host_key');
  const strict = await startStrictSsh(readFileSync(file, 'utf8'));
  const host = { port: strict.port };
  await Promise.all([say('a', { host }), say('b', { host }), say('c', { host })]);
  expect(strict.connections).toBe(3);
  await strict.close();
});

test('more than eight commands at once take a second connection', async () => {
  const nine = Array.from({ length: 9 }, (_, index) => until(`nine ${index}`));
  await Promise.all(nine.map(({ begun }) => begun()));
  expect(proxy.opened).toBe(2);
  for (const { end } of nine) end();
  await Promise.all(nine.map(({ ended }) => ended));
});

test('one that nobody uses is closed, one in use is not', async () => {
  pool = createSshPool({ idleMs: 50 });
  const busy = until('busy');
  await busy.begun();
  await say('a');
  expect(proxy.open).toBe(1);
  busy.end();
  await busy.ended;
  await expect.poll(() => proxy.open).toBe(0);
  expect(await say('b')).toBe('b');
  expect(proxy.opened).toBe(2);
});

test('at the end all of them are closed, also one in use', async () => {
  const identity = join(root, 'the same key again');
  copyFileSync(handle.clientKeyPath, identity);
  const busy = until('to the end');
  await Promise.all([busy.begun(), say('b', { identity })]);
  expect(proxy.open).toBe(2);
  pool.close();
  expect((await failureOf(busy.ended)).message).toBe(
    'shop: the ssh connection was lost in the middle of "read"; ' +
      'its effect is unknown. The next attempt checks before it acts.',
  );
  await expect.poll(() => proxy.open).toBe(0);
  busy.end();
});
