import { kindOf } from './host-keys.ts';

/** The key of a host, and the key of the authority that signed the certificate of the host. */
type Certificate = { key: Buffer; authority: Buffer };

/**
 * Reads a host certificate:
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.certkeys. Returns null if the
 * key is not a certificate. Throws if the certificate ends too early.
 */
export function readCertificate(blob: Buffer): Certificate | null {
  const kind = /^(.+)-cert-v01@openssh\.com$/.exec(kindOf(blob))?.[1];
  if (kind === undefined) return null;
  let at = 0;
  /** Returns the next string, including the four bytes of its length. */
  const next = () => {
    const from = at;
    at += 4 + blob.readUInt32BE(at);
    return blob.subarray(from, at);
  };
  const skip = (strings: number) => Array.from({ length: strings }, next);
  skip(2);
  const key = Buffer.concat([sized(kind), ...skip(kind === 'ssh-ed25519' ? 1 : 2)]);
  // After the serial number and the type come the id and the names. After the two times come the
  // options, the extensions and a reserved string.
  at += 12;
  skip(2);
  at += 16;
  skip(3);
  return { key, authority: next().subarray(4) };
}

function sized(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text, 'latin1')]);
}
