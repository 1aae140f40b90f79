import { createHash } from 'node:crypto';

/**
 * The kinds of host keys that the ssh library can check, with their algorithms, best kind first.
 */
const kinds: Record<string, string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/**
 * `authority` is the fingerprint of the key that signed the certificate. It is absent if the host
 * showed no certificate.
 */
export type ShownKey = { kind: string; fingerprint: string; authority?: string };

/** The kind of each pinned key that a host has shown so far. */
const known = new Map<string, string>();

/** Reads the public key that a host shows. A key begins with its kind. */
export const shownKey = (blob: Buffer): ShownKey => ({
  kind: kindOf(blob),
  fingerprint: fingerprintOf(blob),
});

export const kindOf = (blob: Buffer) =>
  blob.toString('latin1', 4, 4 + (blob.length >= 4 ? blob.readUInt32BE(0) : 0));

/** Returns the fingerprint as `ssh-keygen -l` prints it. */
export const fingerprintOf = (blob: Buffer) =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/**
 * Returns the algorithms that the client offers to a host. The host may have keys of several kinds,
 * and a fingerprint does not contain its kind. So each attempt leaves out the kinds that the host
 * has already shown. Returns an empty list if no kind is left.
 */
export function algorithmsFor(pinned: string, shown: readonly ShownKey[]): string[] {
  const left = Object.keys(kinds).filter((kind) => !shown.some((key) => key.kind === kind));
  const first = left.filter((kind) => kind === known.get(pinned));
  return [...new Set([...first, ...left])].flatMap((kind) => kinds[kind] ?? []);
}

/** Stores the kind of a pinned key. The next connection asks for this kind first. */
export const remember = ({ kind, fingerprint }: ShownKey) => known.set(fingerprint, kind);
