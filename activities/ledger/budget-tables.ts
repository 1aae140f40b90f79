/** A line of a file of costs as it was read; `micros` null: it could not be. */
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

/** One row begins a deploy's reservation, another ends it: nothing is ever changed. */
export type ReservationRow = {
  deploy_id: string;
  step: 'reserved' | 'settled' | 'released';
  /** An open reservation has no second row that is its end. */
  ends: 0 | 1;
  project: string;
  environment: string;
  agent: string | null;
  micros: number;
  at: string;
};

/** The driver of PostgreSQL reads BIGINT as text: what is counted goes through Number. */
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
