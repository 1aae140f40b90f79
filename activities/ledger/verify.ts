import { setImmediate as others } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { RightRows, WrongRow } from '../../domain/contract/ledger.ts';
import { ledgerFaults as faults } from '../../domain/messages/ledger.ts';
import { keyIdOf } from '../lib/seals.ts';
import type { SealVerifier } from '../lib/seals.ts';
import { hashOf, noHash, rowBody, start } from './chain.ts';
import type { Head, Row } from './chain.ts';
import { readKeys } from './keys.ts';
import type { LedgerKeys } from './keys.ts';
import { linkBody } from './link-table.ts';
import type { LinkRow } from './link-table.ts';
import type { Tables } from './store.ts';

/**
 * A copy of a link that is kept outside of the ledger, in `place`. Do not pass a copy that no
 * worker sealed: see `whyForged`.
 */
export type Anchored = Pick<LinkRow, 'seq' | 'hash' | 'at'> & { place: string };

type Check = {
  /** Verifies the seals. If absent, no seal is checked. */
  seals?: SealVerifier | undefined;
  /** The row after which the check begins. If absent, the check begins with the first row. */
  from?: Head;
  anchor?: Anchored | undefined;
};

const batch = 200;

/**
 * Checks every row after `from`: the chain of hashes, the seal, the links and the anchor. Stops at
 * the first wrong row.
 */
export async function verifyRows(
  database: Kysely<Tables>,
  { seals, from = start, anchor }: Check,
): Promise<RightRows | WrongRow> {
  const keys = seals ? await readKeys(database, seals) : null;
  const links = await linksFrom(database, from.seq);
  const walk = createWalk({ keys, links, anchor, from });
  for (;;) {
    const rows = await rowsAfter(database, walk.last().seq);
    if (rows.length === 0) return walk.end();
    await walk.remember(rows, (seqs) => hashesOf(database, seqs));
    for (const row of rows) {
      const wrong = walk.step(row);
      if (wrong) return wrong;
    }
    // Checking one seal takes less than a millisecond, but there are many. This line lets the
    // worker do its other work.
    await others();
  }
}

/** Returns the reason why no worker made this link or anchor, or null if a worker made it. */
export async function whyForged(
  database: Kysely<Tables>,
  seals: SealVerifier,
  link: LinkRow,
): Promise<string | null> {
  return whyNotLinked(await readKeys(database, seals), link);
}

function whyNotLinked({ known, verifier }: LedgerKeys, link: LinkRow): string | null {
  const id = keyIdOf(link.seal) ?? '';
  const why = verifier.whyInvalid('ledger', linkBody(link), link.seal);
  if (why) return why;
  return link.seq > (known.get(id)?.until ?? 0) ? `the key ${id} was retired before` : null;
}

type Walk = {
  keys: LedgerKeys | null;
  links: readonly LinkRow[];
  anchor: Anchored | undefined;
  from: Head;
};

/** Makes the function that checks the rows one after the other. */
function createWalk({ keys, links, anchor, from }: Walk) {
  let last = from;
  let hashes = new Map<number, string>();
  let notSealed = 0;
  // Links exist only after the first sealed row.
  let sealed = from.seq > 0;
  let tail: { rows: number; since: string } | null = null;
  const linkOf = new Map(links.map((link) => [link.seq, link]));
  const newest = links.at(-1);
  const counts = new Map<string, number>();

  const wrong = (seq: number, why: string, unknownKey?: string): WrongRow => ({
    ...{ ok: false, seq, why, verified: last.seq },
    ...(unknownKey === undefined ? {} : { unknownKey }),
  });

  function chained({ hash, ...row }: Row): string | null {
    if (row.seq !== last.seq + 1) return faults.missing(row.seq);
    if (row.prev_hash !== last.hash) return faults.notChained(row.seq);
    return hashOf(row) === hash ? null : faults.changed(row);
  }

  function sealedRow(row: Row, { known, broken, verifier }: LedgerKeys): WrongRow | null {
    const id = keyIdOf(row.seal) ?? '';
    const key = known.get(id);
    // The checkpoint that names this key has a wrong seal. So the key only seems to be unknown.
    if (id !== '' && !key && broken) return wrong(broken.seq, faults.badSeal(broken));
    if (id !== '' && !key) return wrong(row.seq, faults.unknownKey(row, id), id);
    if (key && row.seq > key.until) return wrong(row.seq, faults.retired(row, id, key.until));
    const seq = row.seen_seq ?? -1;
    const seen = { seq, hash: (seq < row.seq && hashes.get(seq)) || '' };
    if (verifier.whyInvalid('ledger', rowBody(row, seen), row.seal))
      return wrong(row.seq, faults.badSeal(row));
    counts.set(id, (counts.get(id) ?? 0) + 1);
    return null;
  }

  function kept(row: Row): string | null {
    const link = linkOf.get(row.seq);
    if (link && keys && whyNotLinked(keys, link)) return faults.badLink(row.seq);
    if (link && link.hash !== row.hash) return faults.notAsLinked(row.seq, link.at);
    if (anchor?.seq === row.seq && anchor.hash !== row.hash)
      return faults.notAsAnchored(row.seq, anchor.at, anchor.place);
    return null;
  }

  return {
    last: () => last,

    /** Keeps the hashes that the seals of the next rows cover. */
    async remember(rows: readonly Row[], read: (seqs: number[]) => Promise<Map<number, string>>) {
      const first = last.seq + 1;
      const earlier = rows.flatMap(({ seen_seq: seq }) => (seq && seq < first ? [seq] : []));
      hashes = await read([...new Set(earlier)].filter((seq) => seq !== last.seq));
      hashes.set(start.seq, noHash);
      hashes.set(last.seq, last.hash);
    },

    step(row: Row): WrongRow | null {
      const why = chained(row);
      if (why) return wrong(row.seq, why);
      if (row.seal === null) {
        if (sealed) return wrong(row.seq, faults.notSealed(row));
        notSealed += 1;
      } else {
        sealed = true;
        const fault = keys && sealedRow(row, keys);
        if (fault) return fault;
      }
      const other = kept(row);
      if (other) return wrong(row.seq, other);
      hashes.set(row.seq, row.hash);
      if (row.seq > (newest?.seq ?? 0))
        tail = { rows: (tail?.rows ?? 0) + 1, since: tail?.since ?? row.at };
      last = { seq: row.seq, hash: row.hash };
      return null;
    },

    end(): RightRows | WrongRow {
      const { seq } = last;
      if (newest && newest.seq > seq)
        return wrong(seq + 1, faults.cutLink(newest.seq, newest.at, seq));
      if (anchor && anchor.seq > seq) {
        const { place } = anchor;
        return wrong(seq + 1, faults.cutAnchor(anchor.seq, anchor.at, { place, last: seq }));
      }
      const signers = keys && [...counts].map(([key, rows]) => signer(keys, key, rows));
      const linked = newest ? { seq: newest.seq, at: newest.at } : null;
      return { ok: true, entries: seq, head: last.hash, notSealed, signers, linked, tail };
    },
  };
}

function signer({ known }: LedgerKeys, key: string, rows: number) {
  const until = known.get(key)?.until ?? Infinity;
  return { key, rows, retired: until === Infinity ? null : until };
}

/** Returns the next rows after the row `seq`, at most one batch. */
export const rowsAfter = (database: Kysely<Tables>, seq: number): Promise<Row[]> =>
  database
    .selectFrom('entries')
    .selectAll()
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(batch)
    .execute();

const linksFrom = (database: Kysely<Tables>, seq: number): Promise<LinkRow[]> =>
  database.selectFrom('links').selectAll().where('seq', '>=', seq).orderBy('seq').execute();

async function hashesOf(database: Kysely<Tables>, seqs: number[]): Promise<Map<number, string>> {
  if (seqs.length === 0) return new Map();
  const rows = await database
    .selectFrom('entries')
    .select(['seq', 'hash'])
    .where('seq', 'in', seqs)
    .execute();
  return new Map(rows.map(({ seq, hash }) => [seq, hash]));
}
