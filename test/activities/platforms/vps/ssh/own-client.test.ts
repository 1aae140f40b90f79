import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readCertificate } from '../../../../../activities/platforms/vps/ssh/certificate.ts';
import { fingerprintOf } from '../../../../../activities/platforms/vps/ssh/host-keys.ts';
import { createSshPool, withSsh } from '../../../../../activities/platforms/vps/ssh/ssh.ts';
import type { VpsHost } from '../../../../../domain/platforms/vps/target.ts';
import { sshdPresent } from '../../../../../sandbox/platforms/vps/sshd.ts';
import { failureOf } from '../fixture.ts';
import { startLab } from './sshd.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import type { Kind, SshdLab } from './sshd.ts';

const lab: SshdLab = startLab();
mkdirSync(lab.path('tmp'));
vi.stubEnv('TMPDIR', lab.path('tmp'));
afterAll(() => {
  vi.unstubAllEnvs();
  lab.stop();
});
afterEach(() => lab.config(''));

const say = (host: VpsHost, identity: string | null = lab.path('me')) =>
  withSsh(host, { identity }, { signal: undefined }, async (remote) => {
    const { stdout } = await remote.run('echo "$1"', ['hello'], { timeoutMs: 10_000 });
    return stdout.trim();
  });

/** Signs the host's key with the key `ca`. Returns the lines of sshd_config for the certificate. */
function certified(kind: Kind, change: { names?: string; time?: string } = {}): string[] {
  const { names = '127.0.0.1', time = '-1d:+1d' } = change;
  const key = lab.path(`host_${kind}.pub`);
  lab.keygen('-s', lab.path('ca'), '-I', 'shop', '-h', '-n', names, '-V', time, key);
  const copy = lab.path(`${Math.random()}-cert.pub`);
  copyFileSync(lab.path(`host_${kind}-cert.pub`), copy);
  return [`HostCertificate ${copy}`];
}

/** Starts an sshd that offers only certificates of these kinds. */
const onlyCertified = (kinds: Kind[], change?: Parameters<typeof certified>[1]) =>
  lab.sshd(kinds, [
    ...kinds.flatMap((kind) => certified(kind, change)),
    'HostKeyAlgorithms *-cert-v01@openssh.com',
  ]);

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('plimsoll-ssh-'));

describe.each(['ed25519', 'rsa', 'ecdsa'] as const)('a certificate for an %s key', (kind) => {
  test('contains the key and the authority, as ssh-keygen reads them', () => {
    certified(kind);
    const text = lab.read(`host_${kind}-cert.pub`).split(' ')[1]!;
    const read = readCertificate(Buffer.from(text, 'base64'))!;
    expect(fingerprintOf(read.key)).toBe(lab.fingerprint(`host_${kind}`));
    expect(fingerprintOf(read.authority)).toBe(lab.fingerprint('ca'));
  });
});

describe.runIf(sshdPresent())('a host that offers its certificates alone', () => {
  let port: number;
  beforeAll(async () => {
    port = await onlyCertified(['ed25519', 'rsa']);
  });

  test.each(['host_ed25519', 'host_rsa', 'ca'])('is known by the key %s', async (name) => {
    expect(await say(lab.host(port, { hostKey: lab.fingerprint(name) }))).toBe('hello');
  });

  test('is refused for another key, and the message names every key and its authority', async () => {
    const hostKey = lab.fingerprint('me');
    const ca = lab.fingerprint('ca');
    expect(await failureOf(say(lab.host(port, { hostKey })))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message: `shop showed other host keys than the pinned one, so nothing was sent to it.
expected: ${hostKey}
seen:     ${lab.fingerprint('host_ed25519')} (ssh-ed25519-cert-v01@openssh.com, signed by ${ca})
seen:     ${lab.fingerprint('host_rsa')} (ssh-rsa-cert-v01@openssh.com, signed by ${ca})
Either the host was rebuilt, or another machine answered. Run on the host's own console:
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
Only if this prints one of the keys seen here, set that key as hostKey in plimsoll.yaml.`,
    });
  });

  test.each([
    ['for another host', { names: 'other.example.com' }, 'name is not a listed principal'],
    ['that has ended', { time: '-2d:-1d' }, 'expired'],
    ['that has not begun', { time: '+1d:+2d' }, 'not yet valid'],
  ])('is refused with a certificate %s, if its authority is pinned', async (_, change, why) => {
    const one = await onlyCertified(['ed25519'], change);
    const hostKey = lab.fingerprint('ca');
    expect(await failureOf(say(lab.host(one, { hostKey })))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop showed a host certificate that ssh refuses (Certificate invalid: ${why}), so nothing ` +
        'was sent to it.\n' +
        'The certificate must be valid now, and name the host as ssh calls it: HostKeyAlias or ' +
        'Hostname of the ssh configuration, or else the name in address. See what it says on the ' +
        'host:\n  ssh-keygen -Lf /etc/ssh/ssh_host_ed25519_key-cert.pub',
    });
    const key = lab.fingerprint('host_ed25519');
    expect(await say(lab.host(one, { hostKey: key }))).toBe('hello');
  });
});

describe.runIf(sshdPresent())('a host with certificates and keys', () => {
  test('is known by the authority, by its name in the configuration, and by each key', async () => {
    const lines = [
      ...certified('ed25519', { names: 'shop' }),
      ...certified('rsa', { names: 'shop' }),
    ];
    const port = await lab.sshd(['ed25519', 'rsa', 'ecdsa'], lines);
    lab.config(`Host web\n Hostname 127.0.0.1\n Port ${port}\n HostKeyAlias shop\n`);
    for (const name of ['ca', 'host_ed25519', 'host_rsa', 'host_ecdsa'])
      expect(await say(lab.host(22, { host: 'web', hostKey: lab.fingerprint(name) }))).toBe(
        'hello',
      );
    lab.config(`Host web\n Hostname 127.0.0.1\n Port ${port}\n HostKeyAlgorithms rsa-sha2-512\n`);
    const rsa = lab.fingerprint('host_rsa');
    expect(await say(lab.host(22, { host: 'web', hostKey: rsa }))).toBe('hello');
  });
});

describe.runIf(sshdPresent())("what only ssh's own client can do", () => {
  let port: number;
  beforeAll(async () => {
    port = await lab.sshd(['rsa', 'ed25519']);
  });
  const alias = (lines: string, at = port) =>
    lab.config(`Host shop\n Hostname 127.0.0.1\n Port ${at}\n${lines}\n`);
  const shop = (change: Partial<VpsHost> = {}) => lab.host(22, { host: 'shop', ...change });

  test.each(['ssh-ed25519', 'rsa-sha2-512'])(
    'algorithms that the library does not have, with a %s key',
    async (kind) => {
      const one = await lab.sshd(
        ['rsa', 'ed25519'],
        ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'HostKeyAlgorithms ' + kind],
      );
      const hostKey = lab.fingerprint(kind === 'ssh-ed25519' ? 'host_ed25519' : 'host_rsa');
      expect(await say(lab.host(one, { hostKey }))).toBe('hello');
      const other = await failureOf(say(lab.host(one, { hostKey: lab.fingerprint('me') })));
      expect(other.message).toContain(`seen:     ${hostKey}\n`);
    },
  );

  test('a certificate of the user', async () => {
    lab.keygen('-t', 'ed25519', '-N', '', '-f', lab.path('signed'));
    lab.keygen('-s', lab.path('ca'), '-I', 'me', '-n', lab.user, lab.path('signed.pub'));
    const one = await lab.sshd(['ed25519'], [`TrustedUserCAKeys ${lab.path('ca.pub')}`]);
    expect(await say(lab.host(one), lab.path('signed'))).toBe('hello');
    copyFileSync(lab.path('signed-cert.pub'), lab.path('elsewhere.pub'));
    alias(
      ` IdentityFile ${lab.path('signed')}\n CertificateFile ${lab.path('elsewhere.pub')}`,
      one,
    );
    expect(await say(shop(), null)).toBe('hello');
  });

  test('a key with a passphrase that the agent has', async () => {
    const socket = lab.path('agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      copyFileSync(lab.path('me'), lab.path('copy'));
      lab.keygen('-p', '-P', '', '-N', 'secret words', '-f', lab.path('copy'));
      await vi.waitFor(() => lab.add(lab.path('me'), socket));
      copyFileSync(lab.path('me.pub'), lab.path('copy.pub'));
      alias(` IdentityAgent ${socket}`);
      expect(await say(shop(), lab.path('copy'))).toBe('hello');
    } finally {
      agent.kill();
    }
  });

  test.each([
    ['BindInterface lo', 'hello'],
    ['ProxyUseFdpass no\n ProxyCommand sh -c "exec ssh-relay %h %p # %k"', 'hello'],
  ])('the directive %s', async (line, said) => {
    lab.program('ssh-relay', `exec ${process.execPath} ${lab.path('relay.cjs')} "$@"`);
    writeFileSync(
      lab.path('relay.cjs'),
      "const s=require('net').connect(+process.argv[3],process.argv[2]);process.stdin.pipe(s).pipe(process.stdout)",
    );
    alias(` ${line}`);
    expect(await say(shop())).toBe(said);
    const failure = await failureOf(say(shop({ hostKey: lab.fingerprint('ca') })));
    expect(failure.message).toContain(`seen:     ${lab.fingerprint('host_ed25519')} (ssh-ed25519)`);
  });

  test('is refused where ssh refuses it', async () => {
    alias(' PubkeyAuthentication no');
    expect(await failureOf(say(shop()))).toMatchObject({
      type: 'RejectedByPlatform',
      message: expect.stringMatching(/^shop refused our ssh key for user /),
    });
  });

  test('is named if ssh is too old for it', async () => {
    alias(' BindInterface lo');
    lab.program(
      'ssh',
      `case "$*" in *KnownHostsCommand*) echo 'command-line: line 0: Bad configuration option: knownhostscommand' >&2; exit 255;; esac
exec /usr/bin/ssh -F '${lab.path('config')}' "$@"`,
    );
    try {
      expect(await failureOf(say(shop()))).toEqual({
        type: 'Misconfigured',
        final: true,
        message:
          "shop: the ssh configuration of the worker's machine sets BindInterface lo for this host, " +
          "and Plimsoll does not support this directive without ssh's own client of OpenSSH 8.5 or " +
          'newer. Nothing was sent.\n' +
          'See all settings: ssh -G shop\n' +
          'Remove the directive for this host from ~/.ssh/config. Or add a Host entry without the ' +
          'directive, and write the name of this entry as "address" in plimsoll.yaml.',
      });
    } finally {
      lab.program('ssh', `exec /usr/bin/ssh -F '${lab.path('config')}' "$@"`);
    }
  });

  test('that ends without a word is tried again, like a host that does not answer', async () => {
    alias(' BindInterface lo');
    lab.program(
      'ssh',
      `case "$*" in *KnownHostsCommand*) exit 255;; esac
exec /usr/bin/ssh -F '${lab.path('config')}' "$@"`,
    );
    try {
      expect(await failureOf(say(shop()))).toEqual({
        type: 'Unavailable',
        final: false,
        message:
          "shop cannot be reached over ssh (ssh's own client gave no reason). Check that the host is " +
          `up and accepts connections from this machine: ssh ${lab.user}@shop true`,
      });
    } finally {
      lab.program('ssh', `exec /usr/bin/ssh -F '${lab.path('config')}' "$@"`);
    }
  });

  test('never trusts a host that the configuration of the person trusts', async () => {
    alias(
      ' BindInterface lo\n StrictHostKeyChecking no\n NoHostAuthenticationForLocalhost yes\n' +
        ` KnownHostsCommand /bin/echo %H ssh-ed25519 ${lab.read('host_ed25519.pub').split(' ')[1]}`,
    );
    const failure = await failureOf(say(shop({ hostKey: lab.fingerprint('ca') })));
    expect(failure.message).toContain('showed other host keys than the pinned one');
  });
});

describe.runIf(sshdPresent())("on a machine without ssh's own client", () => {
  const path = process.env['PATH'];
  const without = async (host: VpsHost) => {
    mkdirSync(lab.path('nothing'), { recursive: true });
    vi.stubEnv('PATH', lab.path('nothing'));
    try {
      return await failureOf(say(host));
    } finally {
      vi.stubEnv('PATH', path);
    }
  };

  test('a host that offers its certificates alone is refused', async () => {
    const host = lab.host(await onlyCertified(['ed25519']));
    expect(await without(host)).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'shop offers only host keys of kinds that Plimsoll cannot check ' +
        '(ssh-ed25519-cert-v01@openssh.com), so nothing was sent to it.\n' +
        "Plimsoll checks ed25519, ecdsa and rsa keys itself. ssh's own client of OpenSSH 8.5 or " +
        "newer checks every other kind: install it on the worker's machine, and see what it says: " +
        `ssh -p ${host.port} ${lab.user}@127.0.0.1 true`,
    });
  });

  test('a host that shares no algorithm is told once, with what it lacks', async () => {
    const kex = ['KexAlgorithms sntrup761x25519-sha512@openssh.com'];
    expect(await without(lab.host(await lab.sshd(['ed25519'], kex)))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'shop and Plimsoll have no common key exchange algorithm, so nothing was sent to it. ' +
        "Allow one of Plimsoll's algorithms in the host's sshd_config: " +
        'curve25519-sha256, ecdh-sha2-nistp256, aes128-gcm@openssh.com, aes256-ctr, hmac-sha2-256.',
    });
  });
});

describe.runIf(sshdPresent())("a connection of ssh's own client", () => {
  let host: VpsHost;
  beforeAll(async () => {
    host = lab.host(await onlyCertified(['ed25519']));
  });
  const me = { identity: lab.path('me') };

  test('carries several commands at once, with stdout, stderr and exit code', async () => {
    const pool = createSshPool();
    const run = (n: number) =>
      pool.withSsh(host, me, { signal: undefined }, (remote) =>
        remote.run('echo "$1"; echo oops >&2; exit "$2"', ["it's", String(n)], {
          timeoutMs: 10_000,
        }),
      );
    const codes = [0, 1, 2, 3];
    expect(await Promise.all(codes.map(run))).toEqual(
      codes.map((code) => ({ code, stdout: "it's\n", stderr: 'oops\n' })),
    );
    pool.close();
    await expect.poll(left).toEqual([]);
  });

  test('that is lost is an unknown outcome', async () => {
    const proxy = await startTcpProxy(host.port);
    const pool = createSshPool();
    const there = { ...host, port: proxy.port };
    const run = (script: string) =>
      pool.withSsh(there, me, { signal: undefined }, (remote) =>
        remote.run(script, [], { timeoutMs: 20_000, step: 'nap' }),
      );
    const napping = failureOf(run(`touch '${lab.path('napping')}'; sleep 20`));
    await expect.poll(() => existsSync(lab.path('napping')), { timeout: 60_000 }).toBe(true);
    await proxy.close();
    expect(await napping).toMatchObject({ type: 'UnknownOutcome' });
    expect(await failureOf(run('true'))).toMatchObject({ type: 'Unavailable' });
    pool.close();
    await expect.poll(left).toEqual([]);
  });

  test('ends with the activity that is cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('cancelled by a person')), 500);
    const work = withSsh(host, me, { signal: controller.signal }, (remote) =>
      remote.run('sleep 30', [], { timeoutMs: 40_000 }),
    );
    expect(await failureOf(work)).toMatchObject({ message: 'cancelled by a person' });
  });
});
