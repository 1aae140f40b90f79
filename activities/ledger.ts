import { Kysely } from 'kysely';
import type { Activities, Entry, EntryKind, ReadLedger } from '../domain/activities.ts';
import { canonicalJson } from '../domain/canonical.ts';
import type { Release } from '../domain/plan.ts';
import { refuseSecrets } from './ledger/body-guard.ts';
import { checkChain, hashOf, noHash, toEntry, type Chain, type Row } from './ledger/chain.ts';
import { ledgerFailure } from './ledger/ledger-failure.ts';
import { openIn, provenIn, quarantinedSha, standing } from './ledger/recall.ts';
import { openDatabase } from './ledger/sqlite-database.ts';
import { sqliteDialect } from './ledger/sqlite-dialect.ts';

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
  close(): Promise<void>;
};

type Tables = { entries: Row };
type Database = Kysely<Tables>;

export async function openLedger({
  path,
  maxPages,
}: {
  path: string;
  maxPages?: number;
}): Promise<Ledger> {
  try {
    const file = openDatabase(path, maxPages);
    const ledger = createLedger(new Kysely<Tables>({ dialect: sqliteDialect(file) }), path);
    const close = async () => {
      await ledger.close();
      // Kysely leaves a connection alone that it never used.
      if (file.isOpen) file.close();
    };
    return { ...ledger, close };
  } catch (error) {
    throw ledgerFailure(error, path);
  }
}

export const createLedgerActivities = ({
  ledger,
}: {
  ledger: Pick<Ledger, 'append' | 'read'>;
}): Pick<Activities, 'append' | 'readLedger'> => ({
  append: async (entry) => void (await ledger.append(entry)),
  readLedger: (query) => ledger.read(query),
});

/**
 * `place` names the database for people. The queries are Kysely's: another dialect needs no other
 * ledger.
 */
function createLedger(database: Database, place: string): Ledger {
  const told = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw ledgerFailure(error, place);
    });
  const read = (query: ReadLedger) => told(select(database, query));
  const all = (project: string, kinds: EntryKind[], environment?: string) =>
    read({ project, kinds, limit: recallDepth, ...(environment ? { environment } : {}) });
  const quarantining = (project: string) => all(project, ['quarantine', 'lifted', 'incident']);
  const quarantines = async (project: string) => standing(await quarantining(project));
  return {
    read,
    quarantines,
    append: async (entry) => {
      refuseSecrets({ key: entry.key, body: entry.body }, 'entry');
      return await told(insert(database, entry));
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
    close: () => database.destroy(),
  };
}

/** Far more than a small team's deploys of years. */
const recallDepth = 10_000;

function insert(database: Database, entry: NewEntry): Promise<Entry> {
  return database.transaction().execute(async (transaction) => {
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
    return toEntry(written);
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
