import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { privateFile, restrictFiles, sqliteFiles } from '../lib/private-files.ts';
import { budgetTables } from './budget-tables.ts';
import { linkTable, refusesUnsealed } from './link-table.ts';
import { messageTable } from './message-table.ts';

/**
 * With FULL, a write has succeeded only after it is on the disk. An approval must survive a power
 * failure.
 */
const pragmas = 'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;';
/**
 * The timeout after the file is open. SQLite blocks the process for at most 50 ms while it waits
 * for a lock. If the file is still locked, `sqliteDialect` waits longer, without blocking the
 * process.
 */
const opened = 'PRAGMA busy_timeout = 50;';

const schema = `
CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  deploy_id TEXT,
  project TEXT,
  environment TEXT,
  body TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  seal TEXT,
  seen_seq INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS entries_place ON entries (project, environment, kind, seq);
CREATE TRIGGER IF NOT EXISTS entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- INSERT OR REPLACE deletes a row without firing the trigger above.
CREATE TRIGGER IF NOT EXISTS entries_no_replace BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq OR key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
${budgetTables('', 'INTEGER', ' STRICT').join(';\n')};
${messageTable('', ' STRICT')};
${linkTable('', ' STRICT')};
CREATE TRIGGER IF NOT EXISTS links_no_update BEFORE UPDATE ON links
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS links_no_delete BEFORE DELETE ON links
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS links_no_replace BEFORE INSERT ON links
WHEN EXISTS (SELECT 1 FROM links WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
`;

/** The columns that are missing in a ledger from before seals were introduced. */
const newColumns = [
  ['seal', 'TEXT'],
  ['seen_seq', 'INTEGER'],
] as const;

/** A worker of an earlier version does not seal its rows. So it must not write any more. */
const sealedOnly = `
CREATE TRIGGER IF NOT EXISTS entries_sealed BEFORE INSERT ON entries
WHEN NEW.seal IS NULL AND (SELECT seal FROM entries ORDER BY seq DESC LIMIT 1) IS NOT NULL
BEGIN SELECT RAISE(ABORT, '${refusesUnsealed}'); END;
`;

/**
 * Adds the missing columns. They are null in existing rows. Several workers may do this at the same
 * time.
 */
function addColumns(database: DatabaseSync) {
  const missing = () => {
    const known = database.prepare('PRAGMA table_info(entries)').all();
    return newColumns.filter(([name]) => known.every((column) => column['name'] !== name));
  };
  if (missing().length === 0) return;
  database.exec('BEGIN IMMEDIATE');
  for (const [name, type] of missing())
    database.exec(`ALTER TABLE entries ADD COLUMN ${name} ${type}`);
  database.exec('COMMIT');
}

/**
 * Opens the file and creates the missing tables. No other user may read the file. `maxPages` limits
 * the size of the file, in pages of 4 KiB. Without `maxPages`, only the disk limits the size.
 */
export function openDatabase(path: string, maxPages?: number): DatabaseSync {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives the files next to the database the same rights.
    privateFile(path);
    restrictFiles(sqliteFiles(path));
  }
  const database = new DatabaseSync(path);
  try {
    database.exec(pragmas);
    if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`);
    database.exec(schema);
    addColumns(database);
    database.exec(sealedOnly);
    database.exec(opened);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
