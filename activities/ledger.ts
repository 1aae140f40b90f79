import type { Kysely } from 'kysely';
import type { Activities, Entry, EntryKind, ReadLedger } from '../domain/activities.ts';
import { canonicalJson } from '../domain/canonical.ts';
import type { Release } from '../domain/plan.ts';
import type { Signers } from './approval/still-holds.ts';
import { withHeartbeat } from './lib/heartbeat.ts';
import { refuseSecrets } from './ledger/body-guard.ts';
import { createBook, endReservation, type Book } from './ledger/budget-book.ts';
import { checkChain, hashOf, noHash, toEntry, type Chain } from './ledger/chain.ts';
import { patientAppend } from './ledger/patient-append.ts';
import { openIn, provenIn, quarantinedSha, standing } from './ledger/recall.ts';
import { openSqlite } from './ledger/sqlite-store.ts';
import { judgeLifts } from './ledger/stop.ts';
import type { Store, Tables } from './ledger/store.ts';

export type NewEntry = Omit<Entry, 'seq' | 'at' | 'hash'>;

/**
 * Append-only memory; every row carries the hash of the one before. Errors: final misconfigured, or
 * transient.
 */
export type Ledger = {
  /** Idempotent by key: an entry that is already there is returned as it was written. */
  append(entry: NewEntry): Promise<Entry>;
  /** Newest first. */
  read(query: ReadLedger): Promise<Entry[]>;
  find(key: string): Promise<Entry | null>;
  verify(): Promise<Chain>;
  lastClosed(project: string, environment: string): Promise<Entry | null>;
  /** The newest release that passed its watch and was neither quarantined nor reverted since. */
  lastProven(project: string, environment: string): Promise<Release | null>;
  openIncidents(project: string): Promise<Entry[]>;
  /**
   * The quarantine of exactly this commit that nobody lifted. Descendants: ask git with
   * `quarantines`.
   */
  quarantined(project: string, sha: string): Promise<Entry | null>;
  quarantines(project: string): Promise<Entry[]>;
  /** What was spent, and what open deploys hold: the entry that closes a deploy ends what it holds. */
  book: Book;
  close(): Promise<void>;
};

type Database = Kysely<Tables>;

/** `maxPages` bounds the file (4 KiB a page). */
export type LedgerPlace = { path: string; maxPages?: number } | { url: string };

export const openLedger = async (place: LedgerPlace): Promise<Ledger> =>
  createLedger('url' in place ? await openServer(place.url) : openSqlite(place));

/** The driver is loaded only by those who have a server. */
const openServer = async (url: string) =>
  await (await import('./ledger/postgres-store.ts')).openPostgres(url);

export const createLedgerActivities = ({
  ledger,
  signers,
}: {
  ledger: Pick<Ledger, 'append' | 'read' | 'verify'>;
  signers: Signers;
}): Pick<Activities, 'append' | 'readLedger' | 'verifyLedger'> => ({
  append: patientAppend(ledger),
  readLedger: async (query) => judgeLifts(await ledger.read(query), signers),
  verifyLedger: () => withHeartbeat(() => ledger.verify()),
});

function createLedger(store: Store): Ledger {
  const { database } = store;
  const told = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw store.failure(error);
    });
  const read = (query: ReadLedger) => told(select(database, query));
  const all = (project: string, kinds: EntryKind[], environment?: string) =>
    read({ project, kinds, limit: recallDepth, ...(environment ? { environment } : {}) });
  const quarantining = (project: string) => all(project, ['quarantine', 'lifted', 'incident']);
  const quarantines = async (project: string) => {
    const entries = await quarantining(project);
    return standing(entries).map((it) => withoutRestored(it, quarantinedSha(it, entries)));
  };
  return {
    read,
    quarantines,
    append: async (entry) => {
      refuseSecrets({ key: entry.key, body: entry.body }, 'entry');
      return await told(insert(store, entry));
    },
    find: (key) => told(byKey(database, key)),
    verify: () => told(walk(database)),
    lastClosed: async (project, environment) =>
      (await read({ project, environment, kinds: ['closed'], limit: 1 }))[0] ?? null,
    lastProven: async (project, environment) => {
      const here = await all(project, ['closed', 'revert'], environment);
      return provenIn([...here, ...(await quarantining(project))]);
    },
    openIncidents: async (project) => openIn(await all(project, ['incident', 'incident-closed'])),
    quarantined: async (project, sha) => {
      const entries = await quarantining(project);
      return standing(entries).find((q) => quarantinedSha(q, entries) === sha) ?? null;
    },
    book: createBook(store),
    close: () => store.close(),
  };
}

/** The commit itself was restored: only the release id is bad. */
const withoutRestored = (entry: Entry, sha: string | null): Entry => {
  const { sha: named, ...body } = entry.body;
  return { ...entry, body: sha === null || named === undefined ? body : entry.body };
};

/** Far more than a small team's deploys of years. */
const recallDepth = 10_000;

async function insert(store: Store, entry: NewEntry): Promise<Entry> {
  try {
    return await write(store, entry);
  } catch (error) {
    const there = store.isConflict(error) ? await byKey(store.database, entry.key) : null;
    if (there) return there;
    throw error;
  }
}

function write({ database, takeTurn }: Store, entry: NewEntry): Promise<Entry> {
  // Every statement sees what was committed before it, the turn's end of another writer included.
  const committed = database.transaction().setIsolationLevel('read committed');
  return committed.execute(async (transaction) => {
    await takeTurn(transaction);
    const there = await byKey(transaction, entry.key);
    if (there) return there;
    const head = await transaction
      .selectFrom('entries')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const row = {
      seq: (head?.seq ?? 0) + 1,
      at: new Date().toISOString(),
      kind: entry.kind,
      key: entry.key,
      deploy_id: entry.deployId,
      project: entry.project,
      environment: entry.environment,
      body: canonicalJson(entry.body),
      prev_hash: head?.hash ?? noHash,
    };
    const written = { ...row, hash: hashOf(row) };
    await transaction.insertInto('entries').values(written).execute();
    const added = toEntry(written);
    await endReservation(transaction, added);
    return added;
  });
}

async function select(database: Database, query: ReadLedger): Promise<Entry[]> {
  const { project, environment, kinds, limit } = query;
  let rows = database.selectFrom('entries').selectAll();
  if (project !== undefined) rows = rows.where('project', '=', project);
  if (environment !== undefined) rows = rows.where('environment', '=', environment);
  if (kinds !== undefined) rows = rows.where('kind', 'in', kinds);
  return (await rows.orderBy('seq', 'desc').limit(limit).execute()).map(toEntry);
}

async function byKey(database: Database, key: string): Promise<Entry | null> {
  const row = await database
    .selectFrom('entries')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirst();
  return row ? toEntry(row) : null;
}

async function walk(database: Database): Promise<Chain> {
  let chain: Chain = { ok: true, entries: 0, head: noHash };
  for (;;) {
    const { entries: seq, head: hash } = chain;
    const rows = await database
      .selectFrom('entries')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(1000)
      .execute();
    if (rows.length === 0) return chain;
    chain = checkChain(rows, { seq, hash });
    if (!chain.ok) return chain;
  }
}
