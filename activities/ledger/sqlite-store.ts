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
      // Kysely leaves a connection alone that it never used.
      if (file.isOpen) file.close();
    };
    // The dialect's transactions take the write lock when they begin.
    return { database, failure, takeTurn: async () => {}, isConflict: () => false, close };
  } catch (error) {
    throw failure(error);
  }
}
