/**
 * Reads the fields of the binary SSH format, from byte `start`. Throws RangeError if the blob ends
 * too early.
 */
export function reader(blob: Buffer, start: number) {
  let at = start;
  const take = (length: number) => {
    if (at + length > blob.length) throw new RangeError('truncated');
    at += length;
    return blob.subarray(at - length, at);
  };
  const uint32 = () => take(4).readUInt32BE(0);
  const ended = () => at === blob.length;
  return { uint32, ended, byte: () => take(1).readUInt8(0), string: () => take(uint32()) };
}

/**
 * Returns the fields of a public key, such as [type, e, n] of RSA. Returns null if the end of the
 * key is missing.
 */
function fieldsOf(publicKey: Buffer): Buffer[] | null {
  try {
    const read = reader(publicKey, 0);
    const fields: Buffer[] = [];
    while (!read.ended()) fields.push(read.string());
    return fields;
  } catch {
    return null;
  }
}

/**
 * Returns the type of a public key in the binary SSH format. Returns null if the bytes are not a
 * key.
 */
export function typeOf(publicKey: Buffer): string | null {
  try {
    return reader(publicKey, 0).string().toString('latin1');
  } catch {
    return null;
  }
}

/**
 * The types of keys that the configuration accepts. Each value is the number of fields in a key.
 */
const fieldsOfType: Record<string, number> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ecdsa-sha2-nistp256': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
};

/** True if the bytes are exactly one public key. False for a certificate. */
export function isWhole(publicKey: Buffer): boolean {
  const fields = fieldsOf(publicKey);
  const type = fields?.[0]?.toString('latin1') ?? '';
  return fields !== null && fields.length === fieldsOfType[type];
}

const fewestRsaBits = 2048;

/**
 * Returns the reason why no signature of this key counts, or null. A short RSA key is too weak,
 * because other people can compute its private key. For a certificate, the key in the certificate
 * is judged.
 */
export function weaknessOf(publicKey: Buffer): string | null {
  const bits = rsaBits(publicKey);
  if (bits === null || bits >= fewestRsaBits) return null;
  return `its RSA key has ${bits} bits, and a key needs at least ${fewestRsaBits}`;
}

/** Returns the length of an RSA key in bits; 0 if the key cannot be read; null for other types. */
function rsaBits(publicKey: Buffer): number | null {
  const type = typeOf(publicKey);
  if (type === null || !/^ssh-rsa(?:-|$)/.test(type)) return null;
  try {
    const read = reader(publicKey, 0);
    read.string();
    // A certificate begins with a nonce.
    if (type !== 'ssh-rsa') read.string();
    read.string();
    return BigInt(`0x${read.string().toString('hex') || '0'}`).toString(2).length;
  } catch {
    return 0;
  }
}
