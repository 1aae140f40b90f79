import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { verifySignature } from '../../../activities/approval/signatures/signatures.ts';
import { readKeyLine } from '../../../activities/approval/signatures/key-line.ts';
import type { KeyLine } from '../../../activities/approval/signatures/key-line.ts';
import { fingerprintOf } from '../../../activities/approval/signatures/revoked.ts';
import { makeKey } from '../../support/keys.ts';
import type { TestKey } from '../../support/keys.ts';
import { makeTouchKey } from '../../support/touch-key.ts';

const namespace = 'plimsoll-approval@v1';
const payload = { decision: 'approve', sha: 'a'.repeat(40), n: 1 };
const alice = makeKey();
const mallory = makeKey();
const keyOf = ({ publicKey }: TestKey) => readKeyLine(publicKey) as KeyLine;
function krlOf({ path }: TestKey): string {
  const list = join(mkdtempSync(join(tmpdir(), 'plimsoll-krl-')), 'revoked.krl');
  execFileSync('ssh-keygen', ['-q', '-k', '-f', list, `${path}.pub`]);
  return list;
}
const check = (over: Partial<Parameters<typeof verifySignature>[0]> = {}) =>
  verifySignature({
    payload,
    namespace,
    signature: over.signature ?? alice.sign(payload, namespace),
    keys: over.keys ?? [alice.publicKey],
    ...over,
  });

describe('a genuine signature', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'])('of an %s key', async (type) => {
    const key = makeKey({ type });
    const result = await check({
      signature: key.sign(payload, namespace),
      keys: [alice.publicKey, key.publicKey],
    });
    expect(result).toMatchObject({ ok: true, touch: false });
  });

  test('does not depend on the order of the keys of the payload', async () => {
    expect(
      await check({ payload: Object.fromEntries(Object.entries(payload).toReversed()) }),
    ).toEqual({ ok: true, keyType: 'ssh-ed25519', touch: false });
  });

  test('of a touch key counts only if a person was present', async () => {
    const key = makeTouchKey();
    const keys = [`${key.publicKey} alice@laptop`];
    const keyType = 'sk-ssh-ed25519@openssh.com';
    expect(await check({ keys, signature: key.sign(payload, namespace) })).toEqual({
      ok: true,
      keyType,
      touch: true,
    });
    const untouched = key.sign(payload, namespace, { touched: false });
    expect(await check({ keys, signature: untouched })).toEqual({
      ok: false,
      why: 'nobody touched the security key (make a key without the option no-touch-required)',
    });
  });

  test('counts within the validity of its key', async () => {
    const keys = [`valid-after="20200101",valid-before="20990101" ${alice.publicKey}`];
    expect(await check({ keys })).toMatchObject({ ok: true });
  });
});

describe('a signature that does not count says why', () => {
  test('changed payload', async () => {
    expect(await check({ payload: { ...payload, n: 2 } })).toEqual({
      ok: false,
      why: 'the ssh-ed25519 signature does not match the signed content',
    });
  });

  test('forged touch: the presence flag is part of what is signed', async () => {
    const key = makeTouchKey();
    const armored = key.sign(payload, namespace, { touched: false });
    const [head, ...rest] = armored.trim().split('\n');
    const blob = Buffer.from(rest.slice(0, -1).join(''), 'base64');
    blob[blob.length - 5] = 1;
    const signature = `${head}\n${blob.toString('base64')}\n${rest.at(-1)}\n`;
    expect(await check({ keys: [key.publicKey], signature })).toEqual({
      ok: false,
      why: 'the sk-ssh-ed25519@openssh.com signature does not match the signed content',
    });
  });

  test('wrong namespace', async () => {
    const signature = alice.sign(payload, 'plimsoll-request@v1');
    expect(await check({ signature })).toEqual({
      ok: false,
      why: 'it was made for "plimsoll-request@v1", not for "plimsoll-approval@v1"',
    });
  });

  test('a namespace that only the armor claims', async () => {
    const armored = alice.sign(payload, 'plimsoll-request@v1');
    const [head, ...rest] = armored.trim().split('\n');
    const text = Buffer.from(rest.slice(0, -1).join(''), 'base64').toString('latin1');
    const lied = text.replace('\x13plimsoll-request@v1', '\x14plimsoll-approval@v1');
    const signature = `${head}\n${Buffer.from(lied, 'latin1').toString('base64')}\n${rest.at(-1)}\n`;
    expect(await check({ signature })).toMatchObject({ ok: false });
  });

  test('another key', async () => {
    expect(await check({ signature: mallory.sign(payload, namespace) })).toEqual({
      ok: false,
      why: 'it was made with a key that is not configured for this person',
    });
  });

  test('expired key and key of the future', async () => {
    expect(await check({ keys: [`valid-before="20200101" ${alice.publicKey}`] })).toEqual({
      ok: false,
      why: 'its key expired at 2020-01-01T00:00:00',
    });
    expect(await check({ keys: [`valid-after="20990101" ${alice.publicKey}`] })).toEqual({
      ok: false,
      why: 'its key is not valid before 2099-01-01T00:00:00',
    });
  });

  test('a revoked key: by its fingerprint, its line, or a KRL', async () => {
    const revoked = `its key ${fingerprintOf(keyOf(alice))} is revoked`;
    const [list, other] = [krlOf(alice), krlOf(mallory)];
    for (const entry of [fingerprintOf(keyOf(alice)), `${alice.publicKey} laptop`, list])
      expect(await check({ revoked: [entry] })).toEqual({ ok: false, why: revoked });
    for (const entry of [fingerprintOf(keyOf(mallory)), mallory.publicKey, other])
      expect(await check({ revoked: [entry] })).toMatchObject({ ok: true });
    expect(await check({ revoked: [other, list] })).toMatchObject({ ok: false });
  });

  test('a fingerprint is what ssh-keygen prints', () => {
    const line = execFileSync('ssh-keygen', ['-lf', `${alice.path}.pub`], { encoding: 'utf8' });
    expect(line.split(' ')[1]).toBe(fingerprintOf(keyOf(alice)));
  });

  test.each([
    '',
    'approved!',
    '-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n',
    '-----BEGIN PGP SIGNATURE-----\nU1NI\n-----END PGP SIGNATURE-----\n',
    `-----BEGIN SSH SIGNATURE-----\n${Buffer.from('SSHSIG\0\0\0\x01\0\0\xff\xff').toString('base64')}\n-----END SSH SIGNATURE-----\n`,
  ])('no signature at all: %j', async (signature) => {
    expect(await check({ signature })).toEqual({ ok: false, why: 'it is not an SSH signature' });
  });

  test('a person without a readable key', async () => {
    expect(await check({ keys: ['cert-authority ssh-ed25519 AAAA', ''] })).toMatchObject({
      ok: false,
    });
  });
});

test.each([
  ['/none/revoked.krl', 'Unable to load KRL /none/revoked.krl: No such file or directory'],
  [`${alice.path}.pub`, `Invalid KRL file ${alice.path}.pub: KRL file has invalid magic number`],
])('with an unreadable revocation list no signature counts: %#', async (list, said) => {
  await expect(check({ revoked: [list] })).rejects.toMatchObject({
    type: 'Unavailable',
    message:
      `The revocation list ${list} cannot be read: ${said}.\n` +
      'No signature counts until the list can be read. Plimsoll tries again.\n' +
      `Check the list: ssh-keygen -Q -l -f ${list}`,
  });
});

test('without ssh-keygen nothing is verified and the remedy is named', async () => {
  const signature = alice.sign(payload, namespace);
  await expect(check({ signature, program: '/none/ssh-keygen' })).rejects.toMatchObject({
    type: 'Misconfigured',
    message:
      'No signature can be checked: there is no ssh-keygen on the PATH of the worker.\n' +
      'Install OpenSSH 8.9 or newer (Debian: apt install openssh-client) and start the worker again: plimsoll up',
  });
});

test('an ssh-keygen that hangs is bounded and tried again', async () => {
  const signature = alice.sign(payload, namespace);
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-path-'));
  writeFileSync(join(directory, 'ssh-keygen'), '#!/bin/sh\nexec /bin/sleep 60\n');
  chmodSync(join(directory, 'ssh-keygen'), 0o755);
  vi.stubEnv('PATH', directory);
  await expect(check({ signature })).rejects.toMatchObject({
    type: 'Unavailable',
    message: 'ssh-keygen did not answer within 10 s. Plimsoll tries again.',
  });
  vi.unstubAllEnvs();
});
