import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';

export type HostKeys = {
  hostKey: string;
  hostKeyFingerprint: string;
  clientKeyPath: string;
  clientPublicKey: string;
};

/** The client key. All hosts of one sandbox process accept this key. */
const clientKey = once(makeKeyPair);

/**
 * Makes a key pair. The library ssh2 writes some keys in a form that neither ssh2 nor OpenSSH can
 * read. If that happens, makes a new pair.
 */
function makeKeyPair() {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Writes a new host key and the client key. The host accepts only this client key. */
export function writeKeys(root: string): HostKeys {
  const etc = join(root, 'etc');
  mkdirSync(etc, { recursive: true });
  const host = makeKeyPair();
  const client = clientKey();
  const clientKeyPath = join(etc, 'client_key');
  writeFileSync(join(etc, 'host_key'), host.private, { mode: 0o600 });
  writeFileSync(clientKeyPath, client.private, { mode: 0o600 });
  writeFileSync(join(etc, 'authorized_keys'), `${client.public}\n`, { mode: 0o600 });
  return {
    hostKey: host.private,
    hostKeyFingerprint: fingerprint(host.public),
    clientKeyPath,
    clientPublicKey: client.public,
  };
}

const fingerprint = (publicKey: string) => {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
};
