import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withSsh } from '../../activities/ssh.ts';
import { commandLine } from '../../activities/ssh-remote.ts';
import type { Remote } from '../../activities/ssh-remote.ts';
import type { VpsHost } from '../../domain/plan.ts';
import { Board } from '../../sandbox/board.ts';
import { freePort } from '../../worker/engine/free-port.ts';
import { startVpsHost } from '../../sandbox/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../sandbox/vps/start-vps-host.ts';
import { failureOf, hostOf } from './vps-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'ssh-test-'));
const board = new Board();
let handle: VpsHostHandle;
let host: VpsHost;

beforeAll(async () => {
  handle = await startVpsHost({ directory: root, name: 'shop', board, service: { unit: 'shop' } });
  host = hostOf(handle);
});
afterAll(async () => {
  await handle.stop();
  rmSync(root, { recursive: true, force: true });
});

type Change = { host?: Partial<VpsHost>; identity?: string | null; signal?: AbortSignal };
const on = <T>(work: (remote: Remote) => Promise<T>, change: Change = {}) =>
  withSsh(
    { ...host, ...change.host },
    { identity: change.identity === undefined ? handle.clientKeyPath : change.identity },
    { signal: change.signal ?? new AbortController().signal },
    work,
  );
const quick = { timeoutMs: 10_000 };

describe('a command', () => {
  test('is a fixed line with single-quoted words', () => {
    expect(commandLine('switch', ['/srv/app', "it's $(x)"], 1500)).toBe(
      `timeout --kill-after=5 2 sh -s -- 'switch' '/srv/app' 'it'\\''s $(x)'`,
    );
  });

  test('gets its arguments literally and answers code, stdout and stderr', async () => {
    const script = 'printf "%s|" "$@"; echo oops >&2; exit 3';
    const args = ['a b', '$(touch x)', "it's", '; rm -rf /', '--upload-pack=x', ''];
    expect(await on((remote) => remote.run(script, args, quick))).toEqual({
      code: 3,
      stdout: "a b|$(touch x)|it's|; rm -rf /|--upload-pack=x||",
      stderr: 'oops\n',
    });
  });

  test('that reads stdin does not eat its own script', async () => {
    // Longer than the buffer of any shell, so that its end is not read before the first command runs.
    const padding = `# ${'x'.repeat(70)}\n`.repeat(1000);
    const answer = await on((remote) => remote.run(`cat\n${padding}echo after`, [], quick));
    expect(answer.stdout).toBe('after\n');
  });

  test('that never ends is stopped on the host and is an unknown outcome', async () => {
    const failure = await failureOf(
      on((remote) => remote.run('sleep 60', [], { timeoutMs: 1000, step: 'nap' })),
    );
    expect(failure).toMatchObject({
      type: 'UnknownOutcome',
      message:
        'shop: "nap" did not end in time and was stopped; what it did is not known. ' +
        'The next attempt looks before it acts.',
    });
  });

  test('that floods its output keeps the last 64 KB', async () => {
    const script = 'head -c 300000 /dev/zero | tr "\\0" a; echo end';
    const { stdout } = await on((remote) => remote.run(script, [], quick));
    expect(stdout.length).toBe(65_536);
    expect(stdout.endsWith('aend\n')).toBe(true);
  });

  test('whose connection is lost is an unknown outcome', async () => {
    board.arm({ service: 'vps', match: 'flip', kind: 'drop-after', times: 1 });
    const failure = await failureOf(
      on((remote) => remote.run('true', [], { ...quick, step: 'flip' })),
    );
    expect(failure.type).toBe('UnknownOutcome');
  });

  test('ends with the activity that is cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('cancelled by a person')), 500);
    const started = Date.now();
    const work = on((remote) => remote.run('sleep 30', [], quick), { signal: controller.signal });
    expect(await failureOf(work)).toMatchObject({ message: 'cancelled by a person' });
    expect(Date.now() - started).toBeLessThan(5000);
  });

  test('may follow many others on one connection without a warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning');
    await on(async (remote) => {
      for (let n = 0; n < 12; n += 1) await remote.run('true', [], quick);
    });
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('a connection', () => {
  test('to a host with another key is refused before anything is sent', async () => {
    const pinned = `SHA256:${'A'.repeat(43)}`;
    const failure = await failureOf(on(() => Promise.resolve(), { host: { hostKey: pinned } }));
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message: `shop showed another host key than the pinned one, so nothing was sent to it.
expected: ${pinned}
seen:     ${handle.hostKeyFingerprint}
Either the host was rebuilt or somebody answers in its place. On its own console run
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
and only if that prints the key seen here, put it as hostKey in plimsoll.yaml.`,
    });
  });

  test('to nobody is told with the command that checks it, and tried again', async () => {
    const port = await freePort();
    expect(await failureOf(on(() => Promise.resolve(), { host: { port } }))).toEqual({
      type: 'Unavailable',
      final: false,
      message:
        'shop cannot be reached over ssh (ECONNREFUSED). Check that it is up and lets this machine in: ' +
        `ssh -p ${port} ${host.user}@127.0.0.1 true`,
    });
  });

  test('to a port that is not ssh is told, and does not end the worker', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const failure = await failureOf(on(() => Promise.resolve(), { host: { port } }));
    server.close();
    expect(failure.type).toBe('Unavailable');
  });

  test('with a key that the host does not know', async () => {
    const other = join(root, 'etc/host_key');
    expect(await failureOf(on(() => Promise.resolve(), { identity: other }))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop refused our ssh key for user ${host.user}. Add its public half to ` +
        `~${host.user}/.ssh/authorized_keys there, then try: ` +
        `ssh -p ${host.port} ${host.user}@127.0.0.1 true`,
    });
  });
});

describe('an identity', () => {
  const refusal = (identity: string | null) => failureOf(on(() => Promise.resolve(), { identity }));

  test('that is not there', async () => {
    expect(await refusal('/nowhere/key')).toEqual({
      type: 'Misconfigured',
      final: true,
      message:
        'The ssh identity /nowhere/key cannot be read (ENOENT). ' +
        'Correct identity in plimsoll.yaml or its permissions: ls -l /nowhere/key',
    });
  });

  test('that is the public half', async () => {
    const path = join(root, 'etc/authorized_keys');
    expect(await refusal(path)).toMatchObject({
      type: 'Misconfigured',
      message:
        `The ssh identity ${path} is not a private key (is it the .pub file?). ` +
        `Check it: ssh-keygen -y -f ${path}`,
    });
  });

  test('that is broken', async () => {
    const path = join(root, 'broken');
    writeFileSync(path, readFileSync(handle.clientKeyPath, 'utf8').replace(/b3BlbnNz/, 'AAAAAAAA'));
    const failure = await refusal(path);
    expect(failure.type).toBe('Misconfigured');
    expect(failure.message).toMatch(/^The ssh identity cannot be used \(/);
  });

  test('neither named nor in an agent', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', '');
    const failure = await refusal(null);
    vi.unstubAllEnvs();
    expect(failure).toMatchObject({
      type: 'Misconfigured',
      message:
        'No ssh identity: the environment names none and the worker has no ssh agent (SSH_AUTH_SOCK). ' +
        'Set identity: /path/to/key in plimsoll.yaml, or start the worker where ssh-add -l lists the key.',
    });
  });
});
