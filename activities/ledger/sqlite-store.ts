import { Kysely } from 'kysely';
import { ledgerFailure } from './ledger-failure.ts';
import { openDatabase } from './sqlite-database.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import type { Store, Tables } from './store.ts';

export function openSqlite({ path, maxPages }: { path: string; maxPages?: number }): Store {
  const failure = (error: unknown) => ledgerFailure(error, path);
  try {
    const file = openDatabase(path, maxPages);
    const database = new Kysely<Tables>({ dialect: sqliteDialect(file) });
    const close = async () => {
      await database.destroy();
      // Kysely does not close a connection that it never used.
      if (file.isOpen) file.close();
    };
    // `takeTurn` does nothing here, because a transaction of this dialect takes the write lock at
    // its start.
    return { database, failure, takeTurn: async () => {}, isConflict: () => false, close };
  } catch (error) {
    throw failure(error);
  }
}
