import type { Kysely } from 'kysely';
import type { Entry, EntryKind, ReadLedger } from '../../domain/contract/activities.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { wrongRowRead } from '../../domain/messages/ledger.ts';
import { transient } from '../lib/fail.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
import { refuseSecrets } from './body-guard.ts';
import { createBook, endReservation } from './budget-book.ts';
import { hashOf, rowBody, toEntry } from './chain.ts';
import type { Content, Row } from './chain.ts';
import { headOf } from './head.ts';
import { hashAt } from './keys.ts';
import { createMessageBook } from './message-book.ts';
import { openIn, provenIn, quarantinedSha, standing } from '../../domain/rollback/recall.ts';
import { createRowCheck } from './row-check.ts';
import { createSealer } from './sealer.ts';
import { openSqlite } from './sqlite-store.ts';
import type { Store, Tables } from './store.ts';
import type { Ledger, NewEntry } from './types.ts';
import { verifyRows, whyForged } from './verify.ts';
import type { Seals, SealVerifier } from '../lib/seals.ts';

type Database = Kysely<Tables>;

/**
 * The path of a SQLite file, or the address of a PostgreSQL server. `maxPages` limits the size of
 * the file. A page has 4 KiB.
 */
export type LedgerPlace = { path: string; maxPages?: number } | { url: string };

/** With `seal`, the ledger seals every new row. A verifier only verifies seals. */
type LedgerSeals = Seals | SealVerifier;

/**
 * Opens the ledger. A worker must pass `seals`, because a sealed ledger refuses rows without a
 * seal. Without `seals`, `verify` checks no seal.
 */
export const openLedger = async (place: LedgerPlace, seals?: LedgerSeals): Promise<Ledger> =>
  createLedger('url' in place ? await openServer(place.url) : openSqlite(place), seals);

/**
 * Opens a ledger in PostgreSQL. This function imports the driver, so a worker without a PostgreSQL
 * server does not load the driver.
 */
const openServer = async (url: string) =>
  await (await import('./postgres-store.ts')).openPostgres(url);

function createLedger(store: Store, verifier: LedgerSeals | undefined): Ledger {
  const { database } = store;
  const seals = verifier && 'seal' in verifier ? verifier : undefined;
  const orLedgerFailure = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw store.failure(error);
    });
  const check = verifier && createRowCheck(database, verifier);
  const checked = async (rows: readonly Row[]): Promise<Entry[]> => {
    const fault = check ? await orLedgerFailure(check(rows)) : null;
    if (fault) throw transient(wrongRowRead(fault.why));
    return rows.map(toEntry);
  };
  const read = async (query: ReadLedger) =>
    await checked(await orLedgerFailure(select(database, query)));
  const all = (project: string, kinds: EntryKind[], environment?: string) =>
    read({ project, kinds, limit: recallDepth, ...(environment ? { environment } : {}) });
  const quarantining = (project: string) => all(project, ['quarantine', 'lifted', 'incident']);
  const quarantines = async (project: string) => {
    const entries = await quarantining(project);
    return standing(entries).map((it) => withoutRolledBackTo(it, quarantinedSha(it, entries)));
  };
  const append: Ledger['append'] = async (entry) => {
    const { key, body } = knownSecrets.cleanAll({ key: entry.key, body: entry.body });
    refuseSecrets({ key, body }, 'entry');
    const { row, isNew } = await orLedgerFailure(insert(store, { ...entry, key, body }, seals));
    return isNew ? toEntry(row) : (await checked([row]))[0]!;
  };
  const sealer = seals && createSealer({ store, seals, append });
  return {
    read,
    quarantines,
    append,
    readUnchecked: async (query) => (await orLedgerFailure(select(database, query))).map(toEntry),
    find: async (key) => {
      const row = await orLedgerFailure(byKey(database, key));
      return row ? (await checked([row]))[0]! : null;
    },
    verify: (anchor) => orLedgerFailure(verifyRows(database, { seals: verifier, anchor })),
    contains: async ({ seq, hash }) => (await orLedgerFailure(hashAt(database, seq))) === hash,
    whyForged: async (link) =>
      verifier ? await orLedgerFailure(whyForged(database, verifier, link)) : null,
    recordKeys: async () => (sealer ? await orLedgerFailure(sealer.recordKeys()) : null),
    link: async (...when) =>
      sealer ? await orLedgerFailure(sealer.link(...when)) : { link: null, wrong: null },
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
    messages: createMessageBook(store),
    close: () => store.close(),
  };
}

/**
 * Removes the commit from a quarantine entry if `sha` is null. This is the case if the rollback
 * made the same commit live with other settings. Then the quarantine covers only the release id.
 */
const withoutRolledBackTo = (entry: Entry, sha: string | null): Entry => {
  const { sha: named, ...body } = entry.body;
  return { ...entry, body: sha === null || named === undefined ? body : entry.body };
};

/** The largest number of entries to read. A small team needs years to write so many entries. */
const recallDepth = 10_000;

type Inserted = { row: Row; isNew: boolean };

async function insert(store: Store, entry: NewEntry, seals: Seals | undefined): Promise<Inserted> {
  try {
    return await write(store, entry, seals);
  } catch (error) {
    const there = store.isConflict(error) ? await byKey(store.database, entry.key) : null;
    if (there) return { row: there, isNew: false };
    throw error;
  }
}

/**
 * Makes the seal of a new row. It covers the content of the row, and the newest row at this time.
 * The seal is made before the writer takes its turn, so no other writer waits for it.
 */
async function sealRow(database: Database, content: Content, seals: Seals | undefined) {
  if (!seals) return { seal: null, seen_seq: null };
  const seen = await headOf(database);
  return { seal: seals.seal('ledger', rowBody(content, seen)), seen_seq: seen.seq };
}

async function write(
  { database, takeTurn }: Store,
  entry: NewEntry,
  seals: Seals | undefined,
): Promise<Inserted> {
  const content = {
    at: new Date().toISOString(),
    kind: entry.kind,
    key: entry.key,
    deploy_id: entry.deployId,
    project: entry.project,
    environment: entry.environment,
    body: canonicalJson(entry.body),
  };
  const sealed = await sealRow(database, content, seals);
  // With 'read committed', every statement sees all rows that other writers have committed before
  // the statement. So it also sees the rows of a writer whose turn has just ended.
  const committed = database.transaction().setIsolationLevel('read committed');
  return await committed.execute(async (transaction) => {
    await takeTurn(transaction);
    const there = await byKey(transaction, entry.key);
    if (there) return { row: there, isNew: false };
    const head = await headOf(transaction);
    const row = { ...content, ...sealed, seq: head.seq + 1, prev_hash: head.hash };
    const written = { ...row, hash: hashOf(row) };
    await transaction.insertInto('entries').values(written).execute();
    await endReservation(transaction, toEntry(written));
    return { row: written, isNew: true };
  });
}

async function select(database: Database, query: ReadLedger): Promise<Row[]> {
  const { project, environment, kinds, limit } = query;
  let rows = database.selectFrom('entries').selectAll();
  if (project !== undefined) rows = rows.where('project', '=', project);
  if (environment !== undefined) rows = rows.where('environment', '=', environment);
  if (kinds !== undefined) rows = rows.where('kind', 'in', kinds);
  return await rows.orderBy('seq', 'desc').limit(limit).execute();
}

async function byKey(database: Database, key: string): Promise<Row | null> {
  const row = await database
    .selectFrom('entries')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirst();
  return row ?? null;
}
