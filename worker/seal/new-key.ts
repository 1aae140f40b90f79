import { generateKeyPairSync } from 'node:crypto';
import { publicSealKeyText, sealKeyText } from '../../activities/lib/seal-key.ts';

/** Makes a key for the workers: the private key, which is secret, and its public key, as text. */
export function newSealKey(): { key: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: sealKeyText(privateKey), publicKey: publicSealKeyText(privateKey) };
}
