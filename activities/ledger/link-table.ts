/**
 * A link: the seal of a worker over the row that was the newest at the time `at`. The link proves
 * all rows up to `seq` and their order. No row of this table is ever changed.
 */
export type LinkRow = { seq: number; hash: string; at: string; seal: string };

/** Returns the SQL statement that creates the table of links. */
export const linkTable = (prefix: string, strict: string) =>
  `CREATE TABLE IF NOT EXISTS ${prefix}links (
    seq INTEGER NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    at TEXT NOT NULL,
    seal TEXT NOT NULL
  )${strict}`;

/** Returns the content that the seal of a link covers. */
export const linkBody = ({ seq, hash, at }: Omit<LinkRow, 'seal'>) => ({ link: { seq, hash, at } });

/** The error of the database if a worker writes a row without a seal into a sealed ledger. */
export const refusesUnsealed =
  'the rows of this ledger are sealed, and this worker does not seal: update it';
