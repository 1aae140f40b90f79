import type { Activities } from '../../domain/contract/activities.ts';
import type { BudgetReport } from '../../domain/deploy/budget.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { budgetAlerts } from '../../domain/budget/budget-alerts.ts';
import { usedOf } from '../../domain/budget/budget.ts';
import type { Config } from '../../domain/config/config.ts';
import { budgetOf } from './budget-of.ts';
import { readCosts, type SourceDeps } from './sources.ts';
import type { Ledger } from '../ledger/types.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { final } from '../lib/fail.ts';
import { effect } from '../lib/effect.ts';

type Deps = Omit<SourceDeps, 'book'> & {
  config: Pick<Config, 'budget' | 'slack' | 'page'>;
  ledger: Pick<Ledger, 'find' | 'book'>;
  /** Returns the current time in epoch milliseconds. */
  now?: () => number;
};
type BudgetActivities = Pick<Activities, 'tallyBudget' | 'dueAlerts'>;

const shown = 10;

/**
 * Makes the activities that add up the costs and find the alerts. `tallyBudget` throws a final
 * failure of type 'misconfigured' if no budget is configured. It throws a transient failure if a
 * source of costs does not answer.
 */
export function createBudget(deps: Deps): BudgetActivities {
  const { ledger, now: clock = Date.now } = deps;
  return {
    tallyBudget: effect('tallyBudget', () =>
      withHeartbeat(async () => {
        const { slack, page } = deps.config;
        const tally = await tallyOf(deps, clock());
        const unreported = (await dueOf(ledger, tally)).map(({ title }) => title);
        return { ...tally, unreported, reachable: slack !== undefined || page !== undefined };
      }),
    ),
    dueAlerts: ({ report }) => dueOf(ledger, report),
  };
}

type Tally = Omit<BudgetReport, 'unreported' | 'reachable'>;

async function tallyOf(
  { ledger: { book }, config, ...sources }: Deps,
  now: number,
): Promise<Tally> {
  const known = budgetOf({ ...config, requesters: {} }, {}, { requestedBy: '' });
  if (!known) throw noBudget();
  const read = await readCosts({ ...sources, config, book }, { now });
  const { pending, summary, sourceErrors } = read;
  const { total, newest } = await book.badLines(now, shown);
  const spending = await book.spending(now);
  return {
    at: new Date(now).toISOString(),
    ...{ limits: known.limits, used: usedOf(spending, summary), spending, sourceErrors },
    bad: {
      total: total + pending,
      newest: newest.map(({ path, line, why }) => ({ path, line, why })),
    },
  };
}

async function dueOf(ledger: Pick<Ledger, 'find'>, { used, limits, at }: Tally) {
  const due = await Promise.all(
    budgetAlerts(used, limits, Date.parse(at)).map(async ({ keys, ...alert }) => {
      const known = await Promise.all(keys.map((key) => ledger.find(key)));
      return { ...alert, keys: keys.filter((_, place) => known[place] === null) };
    }),
  );
  return due.filter(({ keys, percent }) => keys.some((key) => key.endsWith(`/${percent}`)));
}

const noBudget = () =>
  final(
    failures.misconfigured,
    'No budget is configured, so no cost is counted and no deploy is blocked.\n' +
      'Add a budget to plimsoll.yaml, for example "budget: {}", and add "cost" to each environment. Then start the worker again.',
  );
