import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  publicSealKeyText,
  readPublicSealKey,
  readSealKey,
  sealKeyText,
} from '../../../activities/lib/seal-key.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const text = sealKeyText(privateKey);
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

it.each([
  ['one line', text],
  ['spaces around', ` ${text}\n`],
  ['PEM', pem],
  ['PEM with \\n for line breaks', pem.replaceAll('\n', '\\n')],
])('reads a private key: %s', (_, written) => {
  expect(readSealKey(written)?.equals(privateKey)).toBe(true);
});

it.each([
  ['nothing', ''],
  ['a word', 'secret'],
  ['half a key', text.slice(0, 40)],
  ['a public key', publicSealKeyText(publicKey)],
  ['another kind of key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string],
  [
    'a key with a passphrase',
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  ],
])('reads no private key from %s', (_, written) => {
  expect(readSealKey(String(written))).toBeNull();
});

it('writes a public key from both halves, and reads it', () => {
  const written = publicSealKeyText(privateKey);
  expect(written).toBe(publicSealKeyText(publicKey));
  expect(written).toMatch(/^MCowBQYDK2VwAyEA.{43}=$/);
  expect(readPublicSealKey(written)?.equals(createPublicKey(privateKey))).toBe(true);
});

it.each([
  ['a private key', text],
  ['another spelling', publicSealKeyText(publicKey).replace('=', '')],
  ['another kind of key', rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
  ['a word', 'secret'],
])('reads no public key from %s', (_, written) => {
  expect(readPublicSealKey(written)).toBeNull();
});
