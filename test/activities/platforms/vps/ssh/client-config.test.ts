import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { withSsh } from '../../../../../activities/platforms/vps/ssh/ssh.ts';
import type { VpsHost } from '../../../../../domain/platforms/vps/target.ts';
import { sshdPresent } from '../../../../../sandbox/platforms/vps/sshd.ts';
import { failureOf } from '../fixture.ts';
import { startLab } from './sshd.ts';
import type { SshdLab } from './sshd.ts';

let lab: SshdLab;
/** The ports of an sshd with host keys of three kinds, and of an sshd that allows forwarding. */
let port: number;
let bastion: number;

beforeAll(async () => {
  lab = startLab();
  port = await lab.sshd(['rsa', 'ecdsa', 'ed25519']);
  bastion = await lab.sshd(['ed25519']);
});
afterAll(() => lab.stop());
afterEach(() => lab.config(''));

const say = (host: VpsHost, identity: string | null = lab.path('me')) =>
  withSsh(host, { identity }, { signal: undefined }, async (remote) => {
    const { stdout } = await remote.run('echo "$1"', ['hello'], { timeoutMs: 10_000 });
    return stdout.trim();
  });

describe.runIf(sshdPresent())('the pinned host key', () => {
  test.each(['ed25519', 'rsa', 'ecdsa'] as const)('may be the %s key of three', async (kind) => {
    const hostKey = lab.fingerprint(`host_${kind}`);
    expect(await say(lab.host(port, { hostKey }))).toBe('hello');
    expect(await say(lab.host(port, { hostKey }))).toBe('hello');
  });

  test('that the host does not have is named beside every key that the host showed', async () => {
    const hostKey = lab.fingerprint('ca');
    expect(await failureOf(say(lab.host(port, { hostKey })))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message: `shop showed other host keys than the pinned one, so nothing was sent to it.
expected: ${hostKey}
seen:     ${lab.fingerprint('host_ed25519')} (ssh-ed25519)
seen:     ${lab.fingerprint('host_ecdsa')} (ecdsa-sha2-nistp256)
seen:     ${lab.fingerprint('host_rsa')} (ssh-rsa)
Either the host was rebuilt, or another machine answered. Run on the host's own console:
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
Only if this prints one of the keys seen here, set that key as hostKey in plimsoll.yaml.`,
    });
  });

  test.each(['rsa', 'ecdsa'] as const)('is told as the file of the only %s key', async (kind) => {
    const one = await lab.sshd([kind]);
    const failure = await failureOf(say(lab.host(one)));
    expect(failure.message).toContain(`seen:     ${lab.fingerprint(`host_${kind}`)}\n`);
    expect(failure.message).toContain(`ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub`);
  });
});

describe.runIf(sshdPresent())('the way to a host', () => {
  test('follows Hostname and Port of an alias', async () => {
    lab.config(`Host prod-alias\n Hostname 127.0.0.1\n Port ${port}\n`);
    expect(await say(lab.host(22, { host: 'prod-alias' }))).toBe('hello');
  });

  test('takes a port of the address before the Port of an alias', async () => {
    lab.config(`Host prod_web\n Hostname 127.0.0.1\n Port 1\n`);
    expect(await say(lab.host(port, { host: 'prod_web' }))).toBe('hello');
    const exact = { host: 'prod_web', exactPort: true as const };
    lab.config(`Host prod_web\n Hostname 127.0.0.1\n Port ${port}\n`);
    const failure = await failureOf(say(lab.host(22, exact)));
    expect(failure.message).toContain(`: ssh -p 22 ${lab.user}@prod_web true`);
  });

  test('knows Match, Include and tokens in Hostname', async () => {
    writeFileSync(lab.path('more'), `Host *\n Port ${port}\n`);
    lab.config(
      `Match host web-1 exec "test 1 = 1"\n Hostname 127.0.0.%%1\nHost x\nInclude ${lab.path('more')}\n`
        .replace('127.0.0.%%1', '127.0.0.1')
        .replace('Host x\n', 'Match all\n'),
    );
    expect(await say(lab.host(22, { host: 'web-1' }))).toBe('hello');
  });

  test('goes through one and through two jump hosts', async () => {
    const inner = await lab.sshd(['ed25519']);
    const jump = (name: string, at: number) =>
      `Host ${name}\n Hostname 127.0.0.1\n Port ${at}\n User ${lab.user}\n` +
      ` IdentityFile ${lab.path('me')}\n UserKnownHostsFile ${lab.path('known')}\n`;
    const known = [bastion, inner].map((at) => {
      const key = execFileSync('ssh-keygen', ['-y', '-f', lab.path('host_ed25519')], {
        encoding: 'utf8',
      });
      return `[127.0.0.1]:${at} ${key.trim()}\n`;
    });
    writeFileSync(lab.path('known'), known.join(''));
    const base = `${jump('one', bastion)}${jump('two', inner)}`;
    lab.config(`${base}Host shop\n Hostname 127.0.0.1\n Port ${port}\n ProxyJump one\n`);
    expect(await say(lab.host(22, { host: 'shop' }))).toBe('hello');
    lab.config(
      `${base}Host shop\n Hostname 127.0.0.1\n Port ${port}\n ProxyJump one,${lab.user}@two\n`,
    );
    expect(await say(lab.host(22, { host: 'shop' }))).toBe('hello');
  });

  test('through a jump host of an unknown key is refused, with the words of ssh', async () => {
    lab.config(
      `Host one\n Hostname 127.0.0.1\n Port ${bastion}\n UserKnownHostsFile /dev/null\n` +
        ` GlobalKnownHostsFile /dev/null\nHost shop\n Hostname 127.0.0.1\n ProxyJump one\n`,
    );
    expect(await failureOf(say(lab.host(22, { host: 'shop' })))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        "shop cannot be reached over ssh through ProxyJump one of the worker's ssh configuration " +
        '(Host key verification failed.). Try the same connection as the user of the worker: ' +
        `ssh ${lab.user}@shop true`,
    });
  });

  test('through a ProxyCommand', async () => {
    const relay =
      "const s=require('net').connect(+process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)";
    lab.config(
      `Host shop\n Hostname 127.0.0.1\n Port ${port}\n ProxyCommand ${process.execPath} -e "${relay}" %h %p\n`,
    );
    expect(await say(lab.host(22, { host: 'shop' }))).toBe('hello');
  });

  test('through a ProxyCommand that ends is reported without the command', async () => {
    lab.config(`Host shop\n ProxyCommand sh -c 'echo no route for token-123 >/dev/null; exit 1'\n`);
    expect(await failureOf(say(lab.host(22, { host: 'shop' })))).toMatchObject({
      type: 'Unavailable',
      message: expect.stringMatching(
        /^shop cannot be reached over ssh through the ProxyCommand of the worker's ssh configuration \([^)]+\)\. Try the same connection as the user of the worker: ssh \S+@shop true$/,
      ),
    });
  });

  test('through a ProxyCommand that prints a secret is reported without the secret', async () => {
    lab.config(
      `Host shop\n ProxyCommand sh -c 'read -r it; echo "no route, token=abcdef123" >&2; exit 1'\n`,
    );
    const { message } = await failureOf(say(lab.host(22, { host: 'shop' })));
    expect(message).toContain("of the worker's ssh configuration (no route, token=…). Try");
  });

  test('may be IPv6', async () => {
    const six = await lab.sshd(['ed25519'], [], '::1');
    expect(await say(lab.host(six, { host: '::1' }))).toBe('hello');
    lab.config(`Host six\n Hostname ::1\n Port ${six}\n AddressFamily inet6\n`);
    expect(await say(lab.host(22, { host: 'six' }))).toBe('hello');
  });

  test.each([
    ['RemoteCommand top', 'RemoteCommand top'],
    ['SessionType none', 'SessionType none'],
  ])('names a directive that is not supported: %s', async (line, said) => {
    lab.config(`Host shop\n Hostname 127.0.0.1\n ${line}\n`);
    expect(await failureOf(say(lab.host(22, { host: 'shop' })))).toEqual({
      type: 'Misconfigured',
      final: true,
      message:
        `shop: the ssh configuration of the worker's machine sets ${said} for this host, ` +
        'and Plimsoll does not support this directive. Nothing was sent.\n' +
        'See all settings: ssh -G shop\n' +
        'Remove the directive for this host from ~/.ssh/config. Or add a Host entry without the ' +
        'directive, and write the name of this entry as "address" in plimsoll.yaml.',
    });
  });

  test('needs a configuration that ssh can read', async () => {
    lab.config('Host shop\n Hostnam 127.0.0.1\n');
    expect(await failureOf(say(lab.host(22, { host: 'shop' })))).toEqual({
      type: 'Misconfigured',
      final: true,
      message:
        "shop: ssh cannot read its configuration on the worker's machine, so nothing was sent:\n" +
        `${lab.path('config')}: line 2: Bad configuration option: hostnam\r\n` +
        `${lab.path('config')}: terminating, 1 bad configuration options\n` +
        'Correct the configuration, then check it: ssh -G shop',
    });
  });

  test('is the address itself if the machine has no ssh client', async () => {
    const host = lab.host(port);
    const path = process.env['PATH'];
    mkdirSync(lab.path('nothing'), { recursive: true });
    vi.stubEnv('PATH', lab.path('nothing'));
    try {
      expect(await say(host)).toBe('hello');
    } finally {
      vi.stubEnv('PATH', path);
    }
  });
});

describe.runIf(sshdPresent())('the key of the worker', () => {
  const alias = (lines: string) =>
    lab.config(`Host shop\n Hostname 127.0.0.1\n Port ${port}\n${lines}\n`);
  const shop = () => lab.host(22, { host: 'shop' });

  test('is the IdentityFile of ssh if plimsoll.yaml names none', async () => {
    alias(` IdentityFile ${lab.path('locked')}\n IdentityFile ${lab.path('me')}`);
    expect(await say(shop(), null)).toBe('hello');
  });

  test('is a key of the agent that IdentitiesOnly allows', async () => {
    const socket = lab.path('agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await vi.waitFor(() =>
        execFileSync('ssh-add', ['-q', lab.path('me')], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
          stdio: 'ignore',
        }),
      );
      alias(` IdentityAgent ${socket}`);
      expect(await say(shop(), null)).toBe('hello');
      copyFileSync(lab.path('me.pub'), lab.path('onlypub.pub'));
      alias(` IdentityAgent ${socket}\n IdentitiesOnly yes\n IdentityFile ${lab.path('onlypub')}`);
      expect(await say(shop(), null)).toBe('hello');
      alias(` IdentityAgent ${socket}\n IdentitiesOnly yes\n IdentityFile ${lab.path('locked')}`);
      expect(await failureOf(say(shop(), null))).toMatchObject({ type: 'RejectedByPlatform' });
    } finally {
      agent.kill();
    }
  });

  test('is not asked of an agent that does not answer', async () => {
    alias(` IdentityAgent ${lab.path('gone')}\n IdentityFile ${lab.path('me')}`);
    expect(await say(shop(), null)).toBe('hello');
  });
});
