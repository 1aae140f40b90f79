import type { ApplicationFailure } from '@temporalio/common';
import type { Kysely } from 'kysely';
import type { CostRow, ReservationRow } from './budget-tables.ts';
import type { Row } from './chain.ts';

export type Tables = { entries: Row; costs: CostRow; reservations: ReservationRow };

/** One database that holds a ledger: everything in which SQLite and PostgreSQL differ. */
export type Store = {
  database: Kysely<Tables>;
  /** The database's error as ours: final misconfigured, or transient. */
  failure(error: unknown): ApplicationFailure;
  /** First in a transaction that writes: until it ends, nobody else reads the head of the chain. */
  takeTurn(transaction: Kysely<Tables>): Promise<void>;
  /** Somebody who took no turn has written the same key or row. */
  isConflict(error: unknown): boolean;
  close(): Promise<void>;
};
