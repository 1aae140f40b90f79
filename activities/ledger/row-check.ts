import { setImmediate as others } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { ledgerFaults as faults } from '../../domain/messages/ledger.ts';
import { keyIdOf } from '../lib/seals.ts';
import type { SealVerifier } from '../lib/seals.ts';
import { hashOf, noHash, rowBody, start } from './chain.ts';
import type { Row } from './chain.ts';
import { readKeys } from './keys.ts';
import type { LedgerKeys } from './keys.ts';
import type { Tables } from './store.ts';
import { rowsAfter } from './verify.ts';

/** The number of checked rows that a process remembers, and the rows of one batch. */
const mostKnown = 50_000;
const batch = 50;

/** A wrong row. `why` tells people what is wrong with the row. */
export type Fault = { seq: number; why: string };

/**
 * Returns a function that checks the hash and the seal of each row that is read. The function
 * returns the first wrong row, or null. For a row that this process has checked before, the
 * function only computes the hash again. A row without a seal is right only if it is older than all
 * seals, and a sealed row covers it. The function does not find rows that were removed, or rows that
 * were moved behind newer rows.
 */
export function createRowCheck(
  database: Kysely<Tables>,
  seals: SealVerifier,
): (rows: readonly Row[]) => Promise<Fault | null> {
  const known = new Set<string>();
  let keys: LedgerKeys | null = null;
  let older: ReadonlySet<string> | null = null;

  /** Reads the keys again if a row has an unknown key, because a newer checkpoint may name it. */
  async function keysFor(rows: readonly Row[]): Promise<LedgerKeys> {
    const isKnown = ({ seal }: Row) => keys?.known.has(keyIdOf(seal) ?? '');
    if (!keys || !rows.every((row) => row.seal === null || isKnown(row)))
      keys = await readKeys(database, seals);
    return keys;
  }

  async function whyNotSealed(row: Row): Promise<string | null> {
    const first = await firstSealedRow(database);
    if (first === null) return null;
    if (row.seq > first) return faults.notSealed(row);
    older ??= await olderThanSeals(first);
    return older?.has(row.hash) ? null : faults.notCovered(row);
  }

  /**
   * Returns the hashes of the rows before the row `first`. Returns null if their chain does not end at
   * the row that a worker saw when it sealed.
   */
  async function olderThanSeals(first: number): Promise<ReadonlySet<string> | null> {
    const cover = await firstCover(database, first - 1);
    const chain = cover && (await chainUpTo(database, cover.seen_seq ?? 0));
    if (!chain) return null;
    const seen = new Map([[cover.seen_seq ?? 0, chain.head]]);
    const why = await whyWrong(cover, await keysFor([cover]), seen);
    return why === null ? chain.hashes : null;
  }

  async function whyWrong(
    row: Row,
    { known: valid, verifier }: LedgerKeys,
    hashes: ReadonlyMap<number, string>,
  ): Promise<string | null> {
    if (row.seal === null) return await whyNotSealed(row);
    const id = keyIdOf(row.seal) ?? '';
    const key = valid.get(id);
    if (!key) return faults.unknownKey(row, id);
    if (row.seq > key.until) return faults.retired(row, id, key.until);
    const seq = row.seen_seq ?? -1;
    const seen = { seq, hash: (seq < row.seq && hashes.get(seq)) || '' };
    const bad = verifier.whyInvalid('ledger', rowBody(row, seen), row.seal);
    return bad === null ? null : faults.badSeal(row);
  }

  return async (asked) => {
    const rows = asked.toSorted((one, other) => one.seq - other.seq);
    const fresh: Row[] = [];
    for (const row of rows) {
      const { hash, ...content } = row;
      if (hashOf(content) !== hash) return { seq: row.seq, why: faults.changed(row) };
      if (!known.has(hash)) fresh.push(row);
    }
    for (let at = 0; at < fresh.length; at += batch) {
      const some = fresh.slice(at, at + batch);
      const valid = await keysFor(some);
      const hashes = await hashesOf(database, some);
      for (const row of some) {
        const why = await whyWrong(row, valid, hashes);
        if (why !== null) return { seq: row.seq, why };
        if (known.size >= mostKnown) known.clear();
        known.add(row.hash);
      }
      // A check of a seal takes a part of a millisecond, and the worker has other work.
      if (at + batch < fresh.length) await others();
    }
    return null;
  };
}

async function firstSealedRow(database: Kysely<Tables>): Promise<number | null> {
  const row = await database
    .selectFrom('entries')
    .select('seq')
    .where('seal', 'is not', null)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row?.seq ?? null;
}

/** Returns the oldest sealed row whose worker had seen the row `seq`. */
const firstCover = (database: Kysely<Tables>, seq: number): Promise<Row | undefined> =>
  database
    .selectFrom('entries')
    .selectAll()
    .where('seal', 'is not', null)
    .where('seen_seq', '>=', seq)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();

/** Returns the hashes of the rows up to `end`. Returns null if the rows are not one chain. */
async function chainUpTo(database: Kysely<Tables>, end: number) {
  const hashes = new Set<string>();
  let last = start;
  while (last.seq < end) {
    const rows = await rowsAfter(database, last.seq);
    for (const { hash, ...row } of rows.filter(({ seq }) => seq <= end)) {
      const fits = row.prev_hash === last.hash && hashOf(row) === hash;
      if (!fits) return null;
      hashes.add(hash);
      last = { seq: row.seq, hash };
    }
    if (rows.length === 0) return null;
    await others();
  }
  return { hashes, head: last.hash };
}

/** Returns the hash of every row that the seals of these rows cover. */
async function hashesOf(database: Kysely<Tables>, rows: readonly Row[]) {
  const hashes = new Map([[start.seq, noHash]]);
  const seqs = new Set(rows.flatMap(({ seen_seq: seq }) => (seq ? [seq] : [])));
  if (seqs.size === 0) return hashes;
  const seen = await database
    .selectFrom('entries')
    .select(['seq', 'hash'])
    .where('seq', 'in', [...seqs])
    .execute();
  for (const { seq, hash } of seen) hashes.set(seq, hash);
  return hashes;
}
