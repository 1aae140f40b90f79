import { reader } from './key-blob.ts';

/**
 * The fields of an armored SSHSIG. The code in this file only reads the fields. ssh-keygen verifies
 * the signature.
 */
export type SshSig = {
  keyType: string;
  /** base64 of the public key, as in the second field of a .pub file. */
  publicKey: string;
  namespace: string;
  /**
   * True if the signer touched a security key for this signature. If the key is not a security key,
   * this is always false.
   */
  touch: boolean;
};

const armor =
  /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/;
const userPresent = 0x01;

/** Reads an armored SSHSIG. Returns null if the text is not an SSHSIG of version 1. */
export function readSshSig(armored: string): SshSig | null {
  const blob = Buffer.from(armor.exec(armored)?.[1] ?? '', 'base64');
  if (blob.subarray(0, 6).toString('latin1') !== 'SSHSIG') return null;
  try {
    const read = reader(blob, 6);
    if (read.uint32() !== 1) return null;
    const publicKey = read.string();
    const namespace = read.string().toString('utf8');
    read.string();
    read.string();
    const keyType = reader(publicKey, 0).string().toString('latin1');
    const touch = keyType.startsWith('sk-') && present(read.string());
    return { keyType, publicKey: publicKey.toString('base64'), namespace, touch };
  } catch {
    return null;
  }
}

/**
 * True if the signer touched the security key. The signature of a security key consists of a
 * type, a signature, flags and a counter, in this order.
 */
function present(signature: Buffer): boolean {
  const read = reader(signature, 0);
  read.string();
  read.string();
  return (read.byte() & userPresent) !== 0;
}
