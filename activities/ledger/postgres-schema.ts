import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { failures } from '../../domain/deploy/failures.ts';
import { final } from '../lib/fail.ts';
import { budgetTables } from './budget-tables.ts';
import { linkTable, refusesUnsealed } from './link-table.ts';
import { messageTable } from './message-table.ts';
import type { Tables } from './store.ts';

/**
 * The name of the schema. Plimsoll has its own schema, because an application in the same database
 * may also have a table `entries`.
 */
export const schemaName = 'plimsoll';
const version = 4;

/** The SQL for version 1 of the schema. Each later list makes the next version. */
const first = [
  'CREATE SCHEMA IF NOT EXISTS plimsoll',
  // `seq` is INTEGER, because the driver returns BIGINT as text. INTEGER allows 2,147,483,647 rows.
  `CREATE TABLE plimsoll.entries (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    deploy_id TEXT,
    project TEXT,
    environment TEXT,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  )`,
  'CREATE INDEX entries_place ON plimsoll.entries (project, environment, kind, seq)',
  `CREATE FUNCTION plimsoll.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$`,
  `CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plimsoll.entries
    FOR EACH STATEMENT EXECUTE FUNCTION plimsoll.refuse_change()`,
  'CREATE TABLE plimsoll.ledger_version (version INTEGER PRIMARY KEY)',
  'INSERT INTO plimsoll.ledger_version VALUES (1)',
];
const second = [
  ...budgetTables(`${schemaName}.`, 'BIGINT', ''),
  'INSERT INTO plimsoll.ledger_version VALUES (2)',
];
const third = [
  messageTable(`${schemaName}.`, ''),
  'INSERT INTO plimsoll.ledger_version VALUES (3)',
];
const fourth = [
  'ALTER TABLE plimsoll.entries ADD COLUMN seal TEXT, ADD COLUMN seen_seq INTEGER',
  linkTable(`${schemaName}.`, ''),
  `CREATE TRIGGER links_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plimsoll.links
    FOR EACH STATEMENT EXECUTE FUNCTION plimsoll.refuse_change()`,
  // A worker of an earlier version does not seal its rows. So it must not write any more.
  `CREATE FUNCTION plimsoll.refuse_unsealed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
      IF NEW.seal IS NULL AND
        (SELECT seal FROM plimsoll.entries ORDER BY seq DESC LIMIT 1) IS NOT NULL
      THEN RAISE EXCEPTION '${refusesUnsealed}';
      END IF;
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER entries_sealed BEFORE INSERT ON plimsoll.entries
    FOR EACH ROW EXECUTE FUNCTION plimsoll.refuse_unsealed()`,
  'INSERT INTO plimsoll.ledger_version VALUES (4)',
];
const steps = [first, second, third, fourth];

/**
 * Creates the missing tables. If many workers start together, only one of the workers creates the
 * tables. Throws a final failure of type 'misconfigured' if a newer Plimsoll made the schema.
 */
export async function prepareSchema(database: Kysely<Tables>, place: string): Promise<void> {
  const there = (await versionOf(database)) ?? 0;
  const found = there < version ? await grow(database) : there;
  if (found > version) throw newer(place, found);
}

const grow = (database: Kysely<Tables>) =>
  database
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(hashtext('plimsoll.ledger'))`.execute(transaction);
      const found = (await versionOf(transaction)) ?? 0;
      if (found >= version) return found;
      for (const statement of steps.slice(found).flat())
        await sql.raw(statement).execute(transaction);
      return version;
    });

/**
 * Returns the version of the schema, or null if there is no schema. The query searches the catalog,
 * because to_regclass may use an old cache. The worker reads the version before it creates tables.
 * So for a complete schema, a role that may only read and append is enough.
 */
async function versionOf(database: Kysely<Tables>): Promise<number | null> {
  const table = sql<{ there: boolean }>`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
      WHERE schemaname = 'plimsoll' AND tablename = 'ledger_version') AS there`;
  const { rows } = await table.execute(database);
  if (!rows[0]?.there) return null;
  const newest = sql<{ version: number }>`
    SELECT version FROM plimsoll.ledger_version ORDER BY version DESC LIMIT 1`;
  return (await newest.execute(database)).rows[0]?.version ?? null;
}

const newer = (place: string, found: number) =>
  final(
    failures.misconfigured,
    `The ledger ${place} was made by a newer Plimsoll: its tables have version ${found}, ` +
      `but this worker knows version ${version}. Nothing was changed.\n` +
      'Install the same Plimsoll on every worker: npm install plimsoll@latest. ' +
      'Then start the worker again: plimsoll worker',
  );
