import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { readPostgresAddress } from './postgres-address.ts';
import { postgresFailure, postgresStartFailure, uniqueViolation } from './postgres-failure.ts';
import { prepareSchema, schemaName } from './postgres-schema.ts';
import type { Store, Tables } from './store.ts';

/** The schema is made where it is missing. Errors: final misconfigured; the address is in none. */
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
    // A connection that died without a word is not used for longer than this.
    maxLifetimeSeconds: 300,
  });
  // Without listeners a lost connection would end the process; its query rejects anyway.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * An advisory lock: it needs no more rights than to append. An approval must survive the power cut
 * that follows it, whatever the server's default.
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
