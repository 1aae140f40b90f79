import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';

/**
 * Connects Kysely to Node's own SQLite. A transaction takes the write lock at its start. So two
 * workers never append after the same last row of the chain.
 */
export const sqliteDialect = (database: DatabaseSync): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => driver(database),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

function driver(database: DatabaseSync): Driver {
  const connection = connect(database);
  const run = async (statement: string) => {
    await connection.executeQuery(CompiledQuery.raw(statement));
  };
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: () => whenFree(() => run('begin immediate')),
    commitTransaction: () => run('commit'),
    // If the disk is full, SQLite rolls back the transaction by itself. A second rollback would
    // fail.
    rollbackTransaction: async () => {
      if (database.isTransaction) await run('rollback');
    },
    releaseConnection: async () => {},
    destroy: async () => database.close(),
  };
}

const timeLimitMs = 5000;
const busy = 5;

/**
 * Calls `begin` again while the database is busy, for at most 5 s. SQLite itself would also wait,
 * but would block all other activities of this process, and their heartbeats.
 */
async function whenFree(begin: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + timeLimitMs;
  for (;;) {
    try {
      return await begin();
    } catch (error) {
      const { errcode = 0 } = error as { errcode?: number };
      if ((errcode & 0xff) !== busy || Date.now() >= deadline) throw error;
      await sleep(5 + Math.random() * 20);
    }
  }
}

const connect = (database: DatabaseSync): DatabaseConnection => ({
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const statement = database.prepare(sql);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
    const { changes } = statement.run(...values);
    return { numAffectedRows: BigInt(changes), rows: [] };
  },
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    for (const row of database.prepare(query.sql).iterate(...(query.parameters as SQLInputValue[])))
      yield { rows: [row as R] };
  },
});
