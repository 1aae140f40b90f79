/** What an armored SSHSIG says about itself. Nothing here is proven: ssh-keygen verifies. */
export type SshSig = {
  keyType: string;
  /** base64 of the public key, as in the second field of a .pub file. */
  publicKey: string;
  namespace: string;
  /** Security keys only: the user-presence flag of the signed assertion. */
  touch: boolean;
};

const armor =
  /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/;
const userPresent = 0x01;

/** null where it is no SSHSIG of version 1. */
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

/** A security key's signature: type, signature, flags, counter. */
function present(signature: Buffer): boolean {
  const read = reader(signature, 0);
  read.string();
  read.string();
  return (read.byte() & userPresent) !== 0;
}

/** Throws RangeError past the end. */
function reader(blob: Buffer, start: number) {
  let at = start;
  const take = (length: number) => {
    if (at + length > blob.length) throw new RangeError('truncated');
    at += length;
    return blob.subarray(at - length, at);
  };
  const uint32 = () => take(4).readUInt32BE(0);
  return { uint32, byte: () => take(1).readUInt8(0), string: () => take(uint32()) };
}
