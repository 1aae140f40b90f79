import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sshKeygen } from '../../../activities/lib/ssh-keygen.ts';
import { verifySignature } from '../../../activities/approval/signatures/signatures.ts';
import { signPayload } from '../../../client/sign/sign.ts';
import { makeKey } from '../../support/keys.ts';

const namespace = 'plimsoll-request@v1';
const payload = { ref: 'main', reason: 'größer ✓' };
const sign = (keyPath: string) => signPayload({ payload, keyPath, namespace, interactive: false });
const directory = () => mkdtempSync(join(tmpdir(), 'plimsoll-sign-'));

afterEach(() => vi.unstubAllEnvs());

test('what the client signs the worker verifies', async () => {
  const key = makeKey();
  const signature = await sign(key.path);
  const keys = [key.publicKey];
  expect(await verifySignature({ payload, signature, namespace, keys })).toMatchObject({
    ok: true,
  });
});

test('a key that only the agent holds signs by its .pub file', async () => {
  const key = makeKey();
  const place = directory();
  const started = execFileSync('ssh-agent', ['-a', join(place, 'agent')], { encoding: 'utf8' });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
  try {
    vi.stubEnv('SSH_AUTH_SOCK', join(place, 'agent'));
    execFileSync('ssh-add', ['-q', key.path]);
    copyFileSync(`${key.path}.pub`, join(place, 'only.pub'));
    const signature = await sign(join(place, 'only.pub'));
    const keys = [key.publicKey];
    expect(await verifySignature({ payload, signature, namespace, keys })).toMatchObject({
      ok: true,
    });
  } finally {
    process.kill(pid);
  }
});

describe('a key that cannot sign says what to do', () => {
  const refused = (keyPath: string) =>
    sign(keyPath).then(
      () => 'signed',
      (error: Error) => [error.name, ...error.message.split('\n')],
    );

  test('missing', async () => {
    const path = join(directory(), 'nokey');
    expect(await refused(path)).toEqual([
      'UserError',
      `Cannot sign with ${path}: there is no such key.`,
      `Make a key with: ssh-keygen -t ed25519 -f ${path}, or name another key with --key PATH or ` +
        'PLIMSOLL_KEY. An empty PLIMSOLL_KEY counts as not set: in a CI job, check its secret.',
    ]);
  });

  test('locked by a passphrase, and no terminal to ask on', async () => {
    const { path } = makeKey({ passphrase: 'correct horse' });
    expect(await refused(path)).toEqual([
      'UserError',
      `Cannot sign with ${path}: its passphrase was wrong, or there is no terminal on which to ask for it.`,
      `Load it into the agent first: ssh-add ${path}`,
    ]);
  });

  test('readable by everybody', async () => {
    const { path } = makeKey();
    chmodSync(path, 0o644);
    expect(await refused(path)).toEqual([
      'UserError',
      `Cannot sign with ${path}: it must be readable only by you.`,
      `Fix it: chmod 600 ${path}`,
    ]);
  });

  test('a public half whose private half is nowhere', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', '');
    const key = makeKey();
    const path = join(directory(), 'lonely.pub');
    copyFileSync(`${key.path}.pub`, path);
    expect(await refused(path)).toEqual([
      'UserError',
      `Cannot sign with ${path}: its private key is not in the same directory, and not in the ssh agent.`,
      `Load it: ssh-add ${path.replace('.pub', '')}`,
    ]);
  });

  test('no ssh-keygen', async () => {
    const { path } = makeKey();
    const signing = signPayload({ payload, keyPath: path, namespace, program: '/none/ssh-keygen' });
    await expect(signing).rejects.toThrow(
      `Cannot sign with ${path}: there is no ssh-keygen on the PATH or in the usual directories.\n` +
        'Install OpenSSH 8.9 or newer (Debian: apt install openssh-client) and try again.',
    );
  });
});

test('ssh-keygen is found on PATH, else where systems keep it, else by its bare name', () => {
  const place = directory();
  writeFileSync(join(place, 'ssh-keygen'), '');
  expect(sshKeygen({ PATH: `/none:${place}` }, [])).toBe(join(place, 'ssh-keygen'));
  expect(sshKeygen({ PATH: '/none' }, [place])).toBe(join(place, 'ssh-keygen'));
  expect(sshKeygen({}, [])).toBe('ssh-keygen');
});
