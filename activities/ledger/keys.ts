import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { readPublicSealKey } from '../lib/seal-key.ts';
import { createSealVerifier, keyIdOf, sealKeyId } from '../lib/seals.ts';
import type { SealVerifier } from '../lib/seals.ts';
import { noHash, rowBody, start } from './chain.ts';
import type { Row } from './chain.ts';
import type { Tables } from './store.ts';

/**
 * The body of a checkpoint. It contains the public keys whose seals are valid from this row on, and
 * the keys whose seals are not valid any more. `head` is the newest row that the worker saw.
 */
const Checkpoint = z.object({
  keys: z.array(z.string()).max(40),
  retired: z.array(z.string()).max(40),
});

/** A key that may have sealed rows. Its seals count only up to the row `until`. */
export type KnownKey = { id: string; key: KeyObject; until: number };

export type LedgerKeys = {
  known: ReadonlyMap<string, KnownKey>;
  /** The ids of the keys that sealed a checkpoint. */
  signers: ReadonlySet<string>;
  /**
   * The oldest checkpoint of a known key whose seal does not match. null: there is no such
   * checkpoint.
   */
  broken: Row | null;
  /** Verifies the seals of all known keys. */
  verifier: SealVerifier;
};

/**
 * Returns the keys that may have sealed rows: the valid keys, and the keys in checkpoints. A
 * checkpoint counts only if its key was valid at its row.
 */
export async function readKeys(
  database: Kysely<Tables>,
  seals: Pick<SealVerifier, 'publicKeys'>,
): Promise<LedgerKeys> {
  const known = new Map(seals.publicKeys.map((key) => [sealKeyId(key), knownKey(key, Infinity)]));
  const signers = new Set<string>();
  let broken: Row | null = null;
  const checkpoints = await database
    .selectFrom('entries')
    .selectAll()
    .where('kind', '=', 'checkpoint')
    .where('seal', 'is not', null)
    .orderBy('seq', 'desc')
    .execute();
  // The newest checkpoint is read first, because it says until which row an earlier key was valid.
  for (const row of checkpoints) {
    const signer = known.get(keyIdOf(row.seal) ?? '');
    if (!signer || row.seq > signer.until) continue;
    const seen = { seq: row.seen_seq ?? 0, hash: await hashAt(database, row.seen_seq ?? 0) };
    if (createSealVerifier([signer.key]).whyInvalid('ledger', rowBody(row, seen), row.seal)) {
      broken = row;
      continue;
    }
    signers.add(signer.id);
    for (const { key, until } of namedBy(row))
      if (!known.has(sealKeyId(key))) known.set(sealKeyId(key), knownKey(key, until));
  }
  const verifier = createSealVerifier([...known.values()].map(({ key }) => key));
  return { known, signers, broken, verifier };
}

const knownKey = (key: KeyObject, until: number): KnownKey => ({ id: sealKeyId(key), key, until });

function namedBy(row: Row) {
  const body = Checkpoint.safeParse(JSON.parse(row.body)).data ?? { keys: [], retired: [] };
  const read = (texts: string[], until: number) =>
    texts.flatMap((text) => {
      const key = readPublicSealKey(text);
      return key ? [{ key, until }] : [];
    });
  return [...read(body.retired, row.seq), ...read(body.keys, Infinity)];
}

/** Returns the hash of a row, or an empty text if there is no such row. */
export async function hashAt(database: Kysely<Tables>, seq: number): Promise<string> {
  if (seq === start.seq) return noHash;
  const row = await database
    .selectFrom('entries')
    .select('hash')
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row?.hash ?? '';
}
