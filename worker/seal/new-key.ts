import { generateKeyPairSync } from 'node:crypto';
import { publicSealKeyText, sealKeyText } from '../../activities/lib/seal-key.ts';

/**
 * Makes a key for the workers. Returns the private key, which is secret, and its public key, as
 * texts.
 */
export function newSealKey(): { key: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: sealKeyText(privateKey), publicKey: publicSealKeyText(privateKey) };
}
