import type { Activities } from '../domain/activities.ts';
import type { BudgetReport } from '../domain/budget.ts';
import { failures } from '../domain/failures.ts';
import { budgetAlerts } from '../domain/policy/budget-alerts.ts';
import { usedOf } from '../domain/policy/budget.ts';
import type { Config } from '../domain/schema.ts';
import { budgetOf } from './budget/budget-of.ts';
import { readCosts, type SourceDeps } from './budget/sources.ts';
import { pulse } from './git/pulse.ts';
import type { Ledger } from './ledger.ts';
import { final } from './lib/fail.ts';

type Deps = Omit<SourceDeps, 'book'> & {
  config: Pick<Config, 'budget' | 'slack' | 'page'>;
  ledger: Pick<Ledger, 'find' | 'book'>;
  /** Epoch ms. */
  now?: () => number;
};
type BudgetActivities = Pick<Activities, 'tallyBudget' | 'dueAlerts'>;

const shown = 10;

/** Final misconfigured: no budget. Transient: a source did not answer. */
export function createBudget(deps: Deps): BudgetActivities {
  const { ledger, now: clock = Date.now } = deps;
  return {
    tallyBudget: () =>
      pulse(async () => {
        const { slack, page } = deps.config;
        const tally = await tallyOf(deps, clock());
        const untold = (await dueOf(ledger, tally)).map(({ title }) => title);
        return { ...tally, untold, reachable: slack !== undefined || page !== undefined };
      }),
    dueAlerts: ({ report }) => dueOf(ledger, report),
  };
}

type Tally = Omit<BudgetReport, 'untold' | 'reachable'>;

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
    'No budget is configured, so nothing is counted and no deploy is held.\n' +
      'Add one to plimsoll.yaml, such as budget: {}, with "cost" in each environment, and start the worker again.',
  );
