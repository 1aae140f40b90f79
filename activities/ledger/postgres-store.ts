import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { readPostgresAddress } from './postgres-address.ts';
import { postgresFailure, postgresStartFailure, uniqueViolation } from './postgres-failure.ts';
import { prepareSchema, schemaName } from './postgres-schema.ts';
import type { Store, Tables } from './store.ts';

/**
 * Opens a ledger in PostgreSQL, and creates the schema if it is missing. Throws a final failure of
 * type 'misconfigured' if the ledger cannot be opened. The message does not contain the user or the
 * password.
 */
export async function openPostgres(url: string): Promise<Store> {
  const address = readPostgresAddress(url, process.env);
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: createPool(url) }) });
  try {
    await prepareSchema(database, address.place);
  } catch (error) {
    await database.destroy();
    throw postgresStartFailure(error, address);
  }
  return {
    database: database.withSchema(schemaName),
    failure: (error) => postgresFailure(error, address),
    takeTurn,
    isConflict: (error) => (error as { code?: string }).code === uniqueViolation,
    close: () => database.destroy(),
  };
}

function createPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'plimsoll',
    max: 4,
    connectionTimeoutMillis: 5000,
    query_timeout: 15_000,
    keepAlive: true,
    // The pool replaces each connection after this time, because a connection can stop working
    // without an error.
    maxLifetimeSeconds: 300,
  });
  // Without a listener, a lost connection would end the process. The listener can do nothing,
  // because the query on the lost connection rejects too.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * Waits until no other writer is in a transaction. The lock is an advisory lock, because a role
 * that may only append can take an advisory lock. Also turns `synchronous_commit` on if it is off,
 * because an approval must survive a power failure.
 */
async function takeTurn(transaction: Kysely<Tables>): Promise<void> {
  await sql`SELECT set_config('lock_timeout', '5s', true),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit')
      WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`.execute(
    transaction,
  );
  await sql`SELECT pg_advisory_xact_lock('plimsoll.entries'::regclass::oid::bigint)`.execute(
    transaction,
  );
}
