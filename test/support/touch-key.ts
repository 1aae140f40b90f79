import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';

/**
 * A security key in software. Its signatures are real. `touched: false` = the signature says that
 * nobody touched the key.
 */
export type TouchKey = {
  publicKey: string;
  sign(payload: unknown, namespace: string, options?: { touched?: boolean }): string;
};

const type = 'sk-ssh-ed25519@openssh.com';
const application = 'ssh:';

export function makeTouchKey(): TouchKey {
  const pair = generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const blob = Buffer.concat([text(type), text(raw), text(application)]);
  return {
    publicKey: `${type} ${blob.toString('base64')}`,
    sign(payload, namespace, { touched = true } = {}) {
      const flags = Buffer.from([touched ? 1 : 0]);
      const counter = Buffer.from([0, 0, 0, 7]);
      const message = toBeSigned(canonicalJson(payload), namespace);
      const asserted = Buffer.concat([sha256(application), flags, counter, sha256(message)]);
      const signature = sign(null, asserted, pair.privateKey);
      return armored(blob, namespace, [text(type), text(signature), flags, counter]);
    },
  };
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const toBeSigned = (message: string, namespace: string) =>
  Buffer.concat([
    Buffer.from('SSHSIG'),
    text(namespace),
    text(''),
    text('sha512'),
    text(createHash('sha512').update(message).digest()),
  ]);

function armored(publicKey: Buffer, namespace: string, signature: Buffer[]): string {
  const blob = Buffer.concat([
    Buffer.from('SSHSIG'),
    Buffer.from([0, 0, 0, 1]),
    text(publicKey),
    text(namespace),
    text(''),
    text('sha512'),
    text(Buffer.concat(signature)),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}
