/**
 * A line of a cost file. `micros` is the cost in micro-dollars, or null if the line could not be
 * read.
 */
export type CostRow = {
  key: string;
  file: string;
  start_at: number;
  line: number;
  path: string;
  at: string;
  agent: string | null;
  model: string | null;
  input_tokens: number;
  output_tokens: number;
  micros: number | null;
  why: string | null;
};

/** One row begins a reservation, and a second row ends it. No row is ever changed. */
export type ReservationRow = {
  deploy_id: string;
  step: 'reserved' | 'settled' | 'released';
  /**
   * 0 means that this row begins the reservation. 1 means that this row ends the reservation. A
   * reservation without a row 1 is open.
   */
  ends: 0 | 1;
  project: string;
  environment: string;
  agent: string | null;
  micros: number;
  at: string;
};

/**
 * Returns the SQL statements that create the cost tables. PostgreSQL's driver returns BIGINT as
 * text, so code that reads a number must convert it with `Number`.
 */
export const budgetTables = (prefix: string, integer: string, strict: string) => [
  `CREATE TABLE IF NOT EXISTS ${prefix}costs (
    key TEXT NOT NULL PRIMARY KEY,
    file TEXT NOT NULL,
    start_at ${integer} NOT NULL,
    line ${integer} NOT NULL,
    path TEXT NOT NULL,
    at TEXT NOT NULL,
    agent TEXT,
    model TEXT,
    input_tokens ${integer} NOT NULL,
    output_tokens ${integer} NOT NULL,
    micros ${integer},
    why TEXT
  )${strict}`,
  `CREATE INDEX IF NOT EXISTS costs_at ON ${prefix}costs (at)`,
  `CREATE INDEX IF NOT EXISTS costs_file ON ${prefix}costs (file, start_at)`,
  `CREATE TABLE IF NOT EXISTS ${prefix}reservations (
    deploy_id TEXT NOT NULL,
    step TEXT NOT NULL,
    ends ${integer} NOT NULL,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    agent TEXT,
    micros ${integer} NOT NULL CHECK (micros >= 0),
    at TEXT NOT NULL,
    PRIMARY KEY (deploy_id, ends)
  )${strict}`,
];
