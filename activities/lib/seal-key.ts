import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { knownSecrets } from './known-secrets.ts';

/**
 * Reads a private Ed25519 key: its PKCS #8 form in DER, as base64 on one line, or as PEM. Returns
 * null for any other text. After this call, the key is removed from every text that leaves the
 * process.
 */
export function readSealKey(text: string): KeyObject | null {
  // Service managers often write the line breaks of a PEM text as "\n".
  const der = text.replaceAll(/-----[A-Z ]+-----|\\n|\s/g, '');
  try {
    const key = createPrivateKey({
      key: Buffer.from(der, 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
    if (key.asymmetricKeyType !== 'ed25519') return null;
    knownSecrets.learn('the key of the seals', der);
    return key;
  } catch {
    return null;
  }
}

/** Reads a public Ed25519 key that `publicSealKeyText` wrote. Returns null for any other text. */
export function readPublicSealKey(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && publicSealKeyText(key) === text ? key : null;
  } catch {
    return null;
  }
}

/**
 * Returns the private key as one line: its PKCS #8 form in DER, as base64 (64 characters). The
 * result is secret.
 */
export const sealKeyText = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'der' }).toString('base64');

/**
 * Returns the public key as one line: its SubjectPublicKeyInfo in DER, as base64 (60 characters).
 */
export const publicSealKeyText = (key: KeyObject): string =>
  (key.type === 'private' ? createPublicKey(key) : key)
    .export({ type: 'spki', format: 'der' })
    .toString('base64');
