import { createSign, createHash, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifySignature } from '../../activities/approval/signatures/signatures.ts';
import { whyUnreadable } from '../../activities/approval/signatures/key-line.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { parseConfig } from '../../worker/config/config.ts';
import { makeKey } from '../support/keys.ts';
import { makeTouchKey } from '../support/touch-key.ts';
import { unguarded } from '../support/unguarded.ts';
import type { Edit } from '../support/unguarded.ts';

const namespace = 'plimsoll-approval@v1';
const payload = { decision: 'approve' };

const field = (value: Buffer | string) => {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const number = (base64url: string) => {
  const bytes = Buffer.from(base64url, 'base64url');
  return field(bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};

/** Signs as ssh-keygen does, with an RSA key of any length. ssh-keygen makes no short key. */
function signRsa(bits: number, certificate = false) {
  const pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('rsa', {
    modulusLength: bits,
  });
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
  const numbers = [number(e), number(n)];
  const type = certificate ? 'ssh-rsa-cert-v01@openssh.com' : 'ssh-rsa';
  const blob = Buffer.concat([field(type), ...(certificate ? [field('nonce')] : []), ...numbers]);
  const hash = createHash('sha512').update(canonicalJson(payload)).digest();
  const parts = [field(namespace), field(''), field('sha512')];
  const message = Buffer.concat([Buffer.from('SSHSIG'), ...parts, field(hash)]);
  const made = createSign('sha512').update(message).sign(pair.privateKey);
  const inner = Buffer.concat([field('rsa-sha2-512'), field(made)]);
  const version = Buffer.of(0, 0, 0, 1);
  const whole = [Buffer.from('SSHSIG'), version, field(blob), ...parts, field(inner)];
  const base64 = Buffer.concat(whole).toString('base64');
  return {
    key: `${type} ${blob.toString('base64')}`,
    signature: `-----BEGIN SSH SIGNATURE-----\n${base64}\n-----END SSH SIGNATURE-----\n`,
  };
}

type Verify = typeof verifySignature;
const rsa = (bits: number, certificate = false) => {
  const { key, signature } = signRsa(bits, certificate);
  return (verify: Verify) => verify({ payload, signature, namespace, keys: [key] });
};
const withoutTouch = (verify: Verify) => {
  const key = makeTouchKey();
  const signature = key.sign(payload, namespace, { touched: false });
  return verify({ payload, signature, namespace, keys: [key.publicKey] });
};

describe('a signature that anybody could make does not count', () => {
  const file = 'activities/approval/signatures/signatures.ts';
  const untouched: Edit = [file, "keyType.startsWith('sk-') && !touch", 'false'];
  const weak: Edit = [file, 'if (weak)', 'if (false)'];

  test.each([
    [
      'RSA with 1024 bits',
      rsa(1024),
      weak,
      'its RSA key has 1024 bits, and a key needs at least 2048',
    ],
    [
      'RSA with 2047 bits',
      rsa(2047),
      weak,
      'its RSA key has 2047 bits, and a key needs at least 2048',
    ],
    [
      'a security key that nobody touched',
      withoutTouch,
      untouched,
      'nobody touched the security key (make a key without the option no-touch-required)',
    ],
  ])('%s', async (_, attack, guard, why) => {
    expect(await attack(verifySignature)).toEqual({ ok: false, why });
    const { verifySignature: unsafe } = await unguarded([guard]).load<{ verifySignature: Verify }>(
      file,
    );
    expect(await attack(unsafe)).toMatchObject({ ok: true });
  });

  test('a certificate with a short RSA key', async () => {
    expect(await rsa(1024, true)(verifySignature)).toEqual({
      ok: false,
      why: 'its RSA key has 1024 bits, and a key needs at least 2048',
    });
  });

  test('RSA with 2048 bits counts', async () => {
    expect(await rsa(2048)(verifySignature)).toMatchObject({ ok: true });
  });
});

describe('a key in the configuration', () => {
  const [ana, ben] = [makeKey(), makeKey()];
  const problems = (change: object): string => {
    const config = {
      sandbox: true,
      approvers: {
        ana: { keys: [ana.publicKey], emails: ['ana@example.com'] },
        ben: { keys: [ben.publicKey], emails: ['ben@example.com'] },
      },
      projects: {},
      ...change,
    };
    try {
      parseConfig(JSON.stringify(config), 'plimsoll.yaml');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const padded = `${ana.publicKey}=`;
  const cut = ana.publicKey.slice(0, -5);

  test.each([
    [padded, 'This key cannot be read: its base64 is cut, or has the wrong padding.'],
    [cut, 'This key cannot be read: its base64 is cut, or has'],
    [
      ana.publicKey.replace('ssh-ed25519', 'ssh-rsa'),
      'This key cannot be read: it says ssh-rsa, but its base64 is a key of type ssh-ed25519.',
    ],
    ['ssh-ed25519 AAAA', 'This key cannot be read: it says ssh-ed25519, but its base64 is no key.'],
  ])('a line under revoked that revokes nothing is refused: %#', (line, what) => {
    expect(problems({ revoked: [line] })).toContain(`revoked.0\n  ${what}`);
  });

  test('lines that can be read are taken', () => {
    expect(problems({ revoked: [makeKey().publicKey, makeTouchKey().publicKey] })).not.toContain(
      'revoked',
    );
    for (const type of ['rsa', 'ecdsa'])
      expect(whyUnreadable(`${makeKey({ type }).publicKey} a comment`)).toBeNull();
  });

  test('the same key with another padding is not the key of a second person', () => {
    const carl = { keys: [padded], emails: ['carl@example.com'] };
    expect(problems({ requesters: { carl } })).toContain(
      'requesters.carl.keys.0\n  This key cannot be read',
    );
  });

  test('a short RSA key is refused', () => {
    const carl = { keys: [signRsa(1024).key], emails: ['carl@example.com'] };
    expect(problems({ requesters: { carl } })).toContain(
      'requesters.carl.keys.0\n  No signature of this key would count: ' +
        'its RSA key has 1024 bits, and a key needs at least 2048.\n' +
        '  Make a new key, and list its .pub line here: ssh-keygen -t ed25519',
    );
  });
});
