import type { WrongRow } from '../../domain/contract/ledger.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import { ledgerFaults } from '../../domain/messages/ledger.ts';
import { publicSealKeyText } from '../lib/seal-key.ts';
import { sealKeyId } from '../lib/seals.ts';
import type { Seals } from '../lib/seals.ts';
import { start } from './chain.ts';
import type { Head } from './chain.ts';
import { headOf } from './head.ts';
import { hashAt, readKeys } from './keys.ts';
import { linkBody } from './link-table.ts';
import type { LinkRow } from './link-table.ts';
import type { Store } from './store.ts';
import type { NewEntry } from './types.ts';
import { verifyRows } from './verify.ts';

/**
 * The newest link, or null if there is no link yet. If a row is wrong, `wrong` describes this row,
 * and nothing was linked.
 */
export type Linked = { link: LinkRow | null; wrong: WrongRow | null };

/** Links the rows of the ledger, and records the keys that seal them. */
export type Sealer = {
  /**
   * Adds a checkpoint in two cases: this worker's key is new in the ledger, or a key was removed
   * from the valid keys. If a row is wrong, adds nothing and returns the wrong row.
   */
  recordKeys(): Promise<WrongRow | null>;
  /**
   * Verifies the rows after the newest link, and links them. Only one worker links at a time. The
   * other workers change nothing. Does nothing if the newest link is younger than `everyMs`.
   */
  link(now: number, everyMs: number): Promise<Linked>;
};

type Deps = {
  store: Store;
  seals: Seals;
  append: (entry: NewEntry) => Promise<Entry>;
};

export function createSealer({ store, seals, append }: Deps): Sealer {
  const { database } = store;
  /**
   * The newest row that this process has verified. It is in memory, so it cannot be changed by an
   * attacker with access to the database.
   */
  let read: Head = start;

  async function notAsRead(): Promise<WrongRow | null> {
    if ((await hashAt(database, read.seq)) === read.hash) return null;
    const { seq } = read;
    return { ok: false, seq, why: ledgerFaults.notAsRead(seq), verified: 0 };
  }

  return {
    async recordKeys() {
      const due = await keysToRecord(store, seals);
      if (!due) return null;
      const chain = await verifyRows(database, { seals });
      if (!chain.ok) return chain;
      const head = { seq: chain.entries, hash: chain.head };
      const key = `checkpoint/${sealKeyId(ownKey(seals))}/${head.seq}`;
      const about = { deployId: null, project: null, environment: null };
      await append({ kind: 'checkpoint', key, ...about, body: { ...due, head } });
      return null;
    },

    async link(now, everyMs) {
      const changed = await notAsRead();
      const before = await newestLink(store);
      if (changed) return { link: before, wrong: changed };
      if (before && now - Date.parse(before.at) < everyMs) return { link: before, wrong: null };
      const from = before ?? start;
      const chain = await verifyRows(database, { seals, from });
      if (!chain.ok) return { link: before, wrong: chain };
      read = { seq: chain.entries, hash: chain.head };
      if (chain.entries === from.seq) return { link: before, wrong: null };
      const head = { ...read, at: new Date(now).toISOString() };
      const link = { ...head, seal: seals.seal('ledger', linkBody(head)) };
      return { link: await addLink(store, before, link), wrong: null };
    },
  };
}

const ownKey = ({ publicKeys: [own] }: Seals) => own!;

/**
 * Returns the body of the checkpoint that must be written, without its head. Returns null if no
 * checkpoint is needed.
 */
async function keysToRecord({ database }: Store, seals: Seals) {
  const { known, signers } = await readKeys(database, seals);
  const own = ownKey(seals);
  const valid = new Set(seals.publicKeys.map(sealKeyId));
  const retired = [...known.values()].filter(
    ({ id, until }) => until === Infinity && !valid.has(id),
  );
  if (signers.has(sealKeyId(own)) && retired.length === 0) return null;
  return {
    key: publicSealKeyText(own),
    keys: seals.publicKeys.map(publicSealKeyText),
    retired: retired.map(({ key }) => publicSealKeyText(key)),
  };
}

const newestLink = async ({ database }: Pick<Store, 'database'>): Promise<LinkRow | null> =>
  (await database
    .selectFrom('links')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()) ?? null;

/**
 * Adds a link after the link `before`. If another worker has added a link meanwhile, returns that
 * link.
 */
const addLink = ({ database, takeTurn }: Store, before: LinkRow | null, link: LinkRow) =>
  database
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await takeTurn(transaction);
      const newest = await newestLink({ database: transaction });
      if ((newest?.seq ?? 0) !== (before?.seq ?? 0)) return newest;
      // Somebody may have removed the row after this worker verified it.
      if ((await headOf(transaction)).seq < link.seq) return newest;
      await transaction.insertInto('links').values(link).execute();
      return link;
    });
