import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../../domain/lib/canonical.ts';

/** The kind of facts that a seal covers. A seal of one kind is never valid for another kind. */
export type SealKind = 'plan' | 'gate' | 'deploy' | 'evidence' | 'ledger' | 'door';

/**
 * Signs facts with the key that all workers share, and verifies these signatures. An activity
 * trusts a fact from its input only if the fact has a seal.
 */
export type Seals = {
  /** Returns the seal: the id of the key, a dot, and the Ed25519 signature in base64url. */
  seal(kind: SealKind, body: unknown): string;
  /** Returns null if a worker made this seal for exactly this body, else the reason why not. */
  whyInvalid(kind: SealKind, body: unknown, seal: unknown): string | null;
  /** The public keys whose seals are valid. The first key belongs to the private key that signs. */
  publicKeys: readonly KeyObject[];
};

/** Verifies seals with public keys only, for example in a client. */
export type SealVerifier = Pick<Seals, 'whyInvalid' | 'publicKeys'>;

/**
 * Makes the seals of a worker. `key` is the private Ed25519 key that signs. `accepted` has further
 * public keys whose seals are valid, for example the previous key during a rotation. `listedIn` is
 * the place of these keys, for people.
 */
export function createSeals(
  key: KeyObject,
  accepted: readonly KeyObject[] = [],
  listedIn = defaultPlace,
): Seals {
  const own = createPublicKey(key);
  return {
    seal: (kind, body) =>
      `${sealKeyId(own)}.${sign(null, bytesOf(kind, body), key).toString('base64url')}`,
    ...createSealVerifier([own, ...accepted], listedIn),
  };
}

/**
 * The default of `listedIn`. It is short, because a status shows only the first 200 characters of a
 * reason.
 */
const defaultPlace = 'seal.public';

/**
 * Makes a verifier that accepts the seals of these public Ed25519 keys. `listedIn` is the place of
 * the keys, for people.
 */
export function createSealVerifier(
  publicKeys: readonly KeyObject[],
  listedIn = defaultPlace,
): SealVerifier {
  const keys = new Map(publicKeys.map((one) => [sealKeyId(one), one]));
  return {
    publicKeys: [...keys.values()],
    whyInvalid(kind, body, seal) {
      const { id, signature } = partsOf(seal);
      if (signature === '') return 'it has no seal of a worker';
      const known = keys.get(id);
      if (!known) return `it is sealed with the key ${id}, which is not in ${listedIn}`;
      const good = verify(null, bytesOf(kind, body), known, Buffer.from(signature, 'base64url'));
      return good ? null : 'it was changed after a worker sealed it';
    },
  };
}

/** Returns the id of the key that made a seal. null: the value is not a seal. */
export const keyIdOf = (seal: unknown): string | null => partsOf(seal).id || null;

function partsOf(seal: unknown): { id: string; signature: string } {
  const [, id = '', signature = ''] =
    (typeof seal === 'string' && /^([\w-]{16})\.([\w-]{86})$/.exec(seal)) || [];
  return { id, signature };
}

/** Returns the id of a seal key: 16 characters of the SHA-256 of its public key. */
export const sealKeyId = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16);

const bytesOf = (kind: SealKind, body: unknown) =>
  Buffer.from(`plimsoll-seal@v1\n${kind}\n${canonicalJson(body)}`);
