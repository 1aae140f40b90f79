import type { Kysely } from 'kysely';
import type { Spending, Sums } from '../../domain/deploy/budget.ts';
import { dayOf, monthOf } from '../../domain/budget/budget.ts';
import type { Tables } from './store.ts';

type Question = { now: number; except?: string };

/**
 * Returns the costs of today and of this month (UTC), and the reservations of open deploys. Does
 * not count the deploy `except`.
 */
export async function readSpending(
  database: Kysely<Tables>,
  { now, except = '' }: Question,
): Promise<Spending> {
  const [day, month] = [dayOf(now).from, monthOf(now).from];
  const costs = { day: 0, month: await costsSince(database, month), agents: nobody() };
  for (const { agent, micros } of await costsByAgent(database, day)) {
    costs.day += micros;
    add(costs.agents, agent, micros);
  }
  const deploys: Sums = { day: 0, month: 0, agents: nobody() };
  const reserved: Spending['reserved'] = { deploys: 0, total: 0, agents: nobody() };
  for (const { agent, micros, endedAt } of await held(database, { month, except })) {
    if (endedAt === null) {
      reserved.deploys += 1;
      reserved.total += micros;
      add(reserved.agents, agent, micros);
    } else {
      deploys.month += micros;
      if (endedAt < day) continue;
      deploys.day += micros;
      add(deploys.agents, agent, micros);
    }
  }
  return { costs, deploys, reserved };
}

/**
 * Returns an empty table of sums by agent. The table has no prototype, so an agent may have the
 * name "constructor".
 */
const nobody = () => Object.create(null) as Record<string, number>;

function add(sums: Record<string, number>, agent: string | null, micros: number) {
  if (agent !== null) sums[agent] = (sums[agent] ?? 0) + micros;
}

async function costsSince(database: Kysely<Tables>, since: string): Promise<number> {
  const row = await database
    .selectFrom('costs')
    .select(({ fn }) => fn.sum('micros').as('micros'))
    .where('at', '>=', since)
    .executeTakeFirst();
  return Number(row?.micros ?? 0);
}

async function costsByAgent(database: Kysely<Tables>, since: string) {
  const rows = await database
    .selectFrom('costs')
    .select(({ fn }) => ['agent', fn.sum('micros').as('micros')])
    .where('at', '>=', since)
    .groupBy('agent')
    .execute();
  return rows.map(({ agent, micros }) => ({ agent, micros: Number(micros ?? 0) }));
}

/**
 * Returns every open reservation, and every reservation that was settled after the time `month`.
 */
async function held(
  database: Kysely<Tables>,
  { month, except }: { month: string; except: string },
) {
  const rows = await database
    .selectFrom('reservations as begun')
    .leftJoin('reservations as ended', (join) =>
      join.onRef('ended.deploy_id', '=', 'begun.deploy_id').on('ended.ends', '=', 1),
    )
    .select(['begun.agent', 'begun.micros', 'ended.at as endedAt'])
    .where('begun.ends', '=', 0)
    .where('begun.deploy_id', '!=', except)
    .where(({ and, or, eb }) =>
      or([
        eb('ended.step', 'is', null),
        and([eb('ended.step', '=', 'settled'), eb('ended.at', '>=', month)]),
      ]),
    )
    .execute();
  return rows.map((row) => ({ ...row, micros: Number(row.micros) }));
}
