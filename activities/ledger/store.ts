import type { ApplicationFailure } from '@temporalio/common';
import type { Kysely } from 'kysely';
import type { CostRow, ReservationRow } from './budget-tables.ts';
import type { Row } from './chain.ts';
import type { LinkRow } from './link-table.ts';
import type { MessageRow } from './message-table.ts';

export type Tables = {
  entries: Row;
  costs: CostRow;
  reservations: ReservationRow;
  slack_messages: MessageRow;
  links: LinkRow;
};

/**
 * A database for the ledger. This type contains everything that differs between SQLite and
 * PostgreSQL.
 */
export type Store = {
  database: Kysely<Tables>;
  /**
   * Turns an error of the database into a transient failure or into a final failure of type
   * 'misconfigured'.
   */
  failure(error: unknown): ApplicationFailure;
  /**
   * Every transaction that writes must first call `takeTurn`. Until the transaction ends, no other
   * writer can append to the chain.
   */
  takeTurn(transaction: Kysely<Tables>): Promise<void>;
  /**
   * True if the error means that another writer has written the same key or row. This error occurs
   * only if the other writer did not call `takeTurn`.
   */
  isConflict(error: unknown): boolean;
  close(): Promise<void>;
};
