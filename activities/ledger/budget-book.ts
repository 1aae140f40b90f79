import type { Kysely, Transaction } from 'kysely';
import type { Entry } from '../../domain/contract/activities.ts';
import type { CostLine, Reservation, Spending } from '../../domain/deploy/budget.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { monthOf } from '../../domain/budget/budget.ts';
import { final } from '../lib/fail.ts';
import type { CostRow } from './budget-tables.ts';
import { readSpending } from './budget-spending.ts';
import type { Store, Tables } from './store.ts';

/**
 * The cost tables of the ledger. The hash chain does not cover these tables. The methods throw the
 * failures that the type `Ledger` describes.
 */
export type Book = {
  /** Adds lines of cost files. Skips a line that the ledger already contains. */
  addCosts(lines: readonly CostLine[]): Promise<void>;
  /** Returns the last imported line of a cost file, or null if no line was imported. */
  lastCost(file: string): Promise<CostLine | null>;
  /**
   * Returns the number of unreadable lines of this month, and at most `limit` of these lines,
   * newest first.
   */
  badLines(now: number, limit: number): Promise<{ total: number; newest: CostLine[] }>;
  spending(now: number): Promise<Spending>;
  /**
   * Calls `weigh` with the costs and the reservations of all other deploys. If `weigh` returns
   * `reserve: true`, reserves the cost of the deploy. Both steps are one transaction, so no other
   * writer can write between them. A second call for the same deploy adds no second reservation.
   * Throws a final failure of type 'refused' if the deploy is closed.
   */
  reserve<T extends { reserve: boolean }>(
    asked: Reservation,
    weigh: (spending: Spending) => T,
  ): Promise<T>;
};

export function createBook(store: Store): Book {
  const { database } = store;
  const orLedgerFailure = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw store.failure(error);
    });
  return {
    addCosts: async (lines) => {
      if (lines.length > 0) await orLedgerFailure(addCosts(database, lines));
    },
    lastCost: (file) => orLedgerFailure(lastCost(database, file)),
    badLines: (now, limit) => orLedgerFailure(badLines(database, now, limit)),
    spending: (now) => orLedgerFailure(readSpending(database, { now })),
    reserve: (asked, weigh) =>
      orLedgerFailure(inTurn(store, (transaction) => reserve(transaction, asked, weigh))),
  };
}

const inTurn = <T>(
  { database, takeTurn }: Store,
  work: (transaction: Transaction<Tables>) => Promise<T>,
) =>
  // Other writers may commit while this transaction waits for its turn. The transaction sees these
  // commits only with 'read committed'.
  database
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await takeTurn(transaction);
      return await work(transaction);
    });

async function reserve<T extends { reserve: boolean }>(
  transaction: Kysely<Tables>,
  asked: Reservation,
  weigh: (spending: Spending) => T,
): Promise<T> {
  const { deployId, project, environment, agent, micros, at } = asked;
  // A worker that lost its connection to Temporal may call `reserve` after another worker closed
  // the deploy.
  if (await hasEntry(transaction, `${deployId}/closed`)) throw closedAlready(deployId);
  const weighed = weigh(await readSpending(transaction, { now: Date.parse(at), except: deployId }));
  if (!weighed.reserve) return weighed;
  const row = { deploy_id: deployId, step: 'reserved', ends: 0 } as const;
  await transaction
    .insertInto('reservations')
    .values({ ...row, project, environment, agent, micros, at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return weighed;
}

/**
 * Ends the reservation of a deploy, in the same transaction that records the end of the deploy. So
 * an ended deploy never has an open reservation. If the ledger has the entry `released` of the
 * deploy, its first effect may have happened. Then the cost counts as spent. If not, the reserved
 * amount is free again.
 */
export async function endReservation(
  transaction: Kysely<Tables>,
  { kind, deployId, at }: Pick<Entry, 'kind' | 'deployId' | 'at'>,
): Promise<void> {
  if (kind !== 'closed' || deployId === null) return;
  const begun = await transaction
    .selectFrom('reservations')
    .selectAll()
    .where('deploy_id', '=', deployId)
    .where('ends', '=', 0)
    .executeTakeFirst();
  if (!begun) return;
  const touched = await hasEntry(transaction, `${deployId}/released`);
  const step = touched ? 'settled' : 'released';
  await transaction
    .insertInto('reservations')
    .values({ ...begun, micros: Number(begun.micros), step, ends: 1, at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const hasEntry = async (database: Kysely<Tables>, key: string) =>
  (await database.selectFrom('entries').select('seq').where('key', '=', key).executeTakeFirst()) !==
  undefined;

const closedAlready = (deployId: string) =>
  final(
    failures.refused,
    `The deploy ${deployId} is closed already, so nothing was reserved for it. Deploy again.`,
  );

async function addCosts(database: Kysely<Tables>, lines: readonly CostLine[]) {
  await database
    .insertInto('costs')
    .values(lines.map(toRow))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function lastCost(database: Kysely<Tables>, file: string): Promise<CostLine | null> {
  const row = await database
    .selectFrom('costs')
    .selectAll()
    .where('file', '=', file)
    .orderBy('start_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? toLine(row) : null;
}

async function badLines(database: Kysely<Tables>, now: number, limit: number) {
  const bad = database
    .selectFrom('costs')
    .where('at', '>=', monthOf(now).from)
    .where('micros', 'is', null);
  const counted = await bad.select(({ fn }) => fn.countAll().as('total')).executeTakeFirst();
  const newest = bad.selectAll().orderBy('at', 'desc').orderBy('line', 'desc').limit(limit);
  return {
    total: Number(counted?.total ?? 0),
    newest: (await newest.execute()).map(toLine),
  };
}

const toRow = ({ startAt, inputTokens, outputTokens, ...line }: CostLine): CostRow => ({
  ...line,
  start_at: startAt,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
});

const toLine = ({ start_at, input_tokens, output_tokens, ...row }: CostRow): CostLine => ({
  ...row,
  line: Number(row.line),
  micros: row.micros === null ? null : Number(row.micros),
  startAt: Number(start_at),
  inputTokens: Number(input_tokens),
  outputTokens: Number(output_tokens),
});
