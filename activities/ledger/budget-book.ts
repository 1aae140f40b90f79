import type { Kysely, Transaction } from 'kysely';
import type { Entry } from '../../domain/activities.ts';
import type { CostLine, Reservation, Spending } from '../../domain/budget.ts';
import { failures } from '../../domain/failures.ts';
import { monthOf } from '../../domain/policy/budget.ts';
import { final } from '../lib/fail.ts';
import type { CostRow } from './budget-tables.ts';
import { readSpending } from './budget-spending.ts';
import type { Store, Tables } from './store.ts';

/** The money's side of the ledger, in tables beside the chain. Errors: as a ledger's. */
export type Book = {
  /** A line that is there already is left as it is. */
  addCosts(lines: readonly CostLine[]): Promise<void>;
  /** The last line that was read of a file; null: none. */
  lastCost(file: string): Promise<CostLine | null>;
  /** This month's lines that could not be read, newest first, and how many there are. */
  badLines(now: number, limit: number): Promise<{ total: number; newest: CostLine[] }>;
  spending(now: number): Promise<Spending>;
  /**
   * Weighs and writes in one transaction that no other writer can enter: `weigh` sees what all others spent
   * and hold, never this deploy's own. Idempotent by deploy. Final refused: the deploy has closed.
   */
  reserve<T extends { reserve: boolean }>(
    asked: Reservation,
    weigh: (spending: Spending) => T,
  ): Promise<T>;
};

export function createBook(store: Store): Book {
  const { database } = store;
  const told = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw store.failure(error);
    });
  return {
    addCosts: async (lines) => {
      if (lines.length > 0) await told(addCosts(database, lines));
    },
    lastCost: (file) => told(lastCost(database, file)),
    badLines: (now, limit) => told(badLines(database, now, limit)),
    spending: (now) => told(readSpending(database, { now })),
    reserve: (asked, weigh) =>
      told(inTurn(store, (transaction) => reserve(transaction, asked, weigh))),
  };
}

const inTurn = <T>(
  { database, takeTurn }: Store,
  work: (transaction: Transaction<Tables>) => Promise<T>,
) =>
  // What was committed while it waited for its turn must be seen.
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
  // A worker that was cut off may still ask after the deploy was closed without it.
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
 * In the transaction that records a deploy's end: what reached production is spent, what did not is free
 * again. So no deploy can end and leave its reservation behind.
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
    `${deployId} has closed already: nothing was reserved for it. Deploy again.`,
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
