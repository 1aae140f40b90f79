import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withSsh } from '../../../../../activities/platforms/vps/ssh/ssh.ts';
import { commandLine } from '../../../../../activities/platforms/vps/ssh/remote.ts';
import type { Remote } from '../../../../../activities/platforms/vps/ssh/remote.ts';
import type { VpsHost } from '../../../../../domain/platforms/vps/target.ts';
import { Board } from '../../../../../sandbox/board.ts';
import { freePort } from '../../../../../worker/engine/free-port.ts';
import { startVpsHost } from '../../../../../sandbox/platforms/vps/start-vps-host.ts';
import type { VpsHostHandle } from '../../../../../sandbox/platforms/vps/start-vps-host.ts';
import { failureOf, hostOf } from '../fixture.ts';

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
    // The script is longer than any shell's buffer. So the first command runs before the shell has
    // read the end of the script.
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
        'shop: "nap" did not end in time and was stopped; its effect is unknown. ' +
        'The next attempt checks before it acts.',
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
Either the host was rebuilt, or another machine answered. Run on the host's own console:
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
Only if this prints the key seen here, set that key as hostKey in plimsoll.yaml.`,
    });
  });

  test('to an unreachable host is reported with the command that checks it, and tried again', async () => {
    const port = await freePort();
    expect(await failureOf(on(() => Promise.resolve(), { host: { port } }))).toEqual({
      type: 'Unavailable',
      final: false,
      message:
        'shop cannot be reached over ssh (ECONNREFUSED). Check that the host is up and accepts connections from this machine: ' +
        `ssh -p ${port} ${host.user}@127.0.0.1 true`,
    });
  });

  test('to a port that is not ssh is reported, and does not end the worker', async () => {
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
        `shop refused our ssh key for user ${host.user}. Add the public half of ` +
        `the key to ~${host.user}/.ssh/authorized_keys on that host, then try: ` +
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
        'Correct identity in plimsoll.yaml, or the permissions of the file: ls -l /nowhere/key',
    });
  });

  test('that is the public half', async () => {
    const path = join(root, 'etc/authorized_keys');
    expect(await refusal(path)).toMatchObject({
      type: 'Misconfigured',
      message:
        `The ssh identity ${path} is not a private key (is it the .pub file?). ` +
        `Check the file: ssh-keygen -y -f ${path}`,
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
        'There is no ssh key. plimsoll.yaml sets no identity for the environment, the worker has no ' +
        'ssh agent (SSH_AUTH_SOCK), and none of the IdentityFiles of ssh is a key without a ' +
        'passphrase. Set identity: /path/to/key in plimsoll.yaml, or start the worker in ' +
        'a shell where ssh-add -l lists the key.',
    });
  });
});
