import type { Activities } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import { budgetAlerts } from '../domain/policy/budget-alerts.ts';
import { usedOf } from '../domain/policy/budget.ts';
import { budgetOf } from './budget/budget-of.ts';
import { readCosts, type SourceDeps } from './budget/sources.ts';
import { pulse } from './git/pulse.ts';
import type { Ledger } from './ledger.ts';
import { final } from './lib/fail.ts';

type Deps = Omit<SourceDeps, 'book'> & {
  ledger: Pick<Ledger, 'find' | 'book'>;
  /** Epoch ms. */
  now?: () => number;
};
type BudgetActivities = Pick<Activities, 'tallyBudget' | 'dueAlerts'>;

const shown = 10;

/** Final misconfigured: no budget. Transient: a source did not answer. */
export function createBudget({
  ledger,
  now: clock = Date.now,
  ...sources
}: Deps): BudgetActivities {
  const { book } = ledger;
  const { config } = sources;
  return {
    tallyBudget: () =>
      pulse(async () => {
        const now = clock();
        const known = budgetOf({ ...config, requesters: {} }, {}, { requestedBy: '' });
        if (!known) throw noBudget();
        const { pending, summary, sourceErrors } = await readCosts({ ...sources, book }, { now });
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
      }),
    async dueAlerts({ report }) {
      const alerts = budgetAlerts(report.used, report.limits, Date.parse(report.at));
      const due = await Promise.all(
        alerts.map(async ({ keys, ...alert }) => {
          const known = await Promise.all(keys.map((key) => ledger.find(key)));
          return { ...alert, keys: keys.filter((_, at) => known[at] === null) };
        }),
      );
      return due.filter(({ keys, percent }) => keys.some((key) => key.endsWith(`/${percent}`)));
    },
  };
}

const noBudget = () =>
  final(
    failures.misconfigured,
    'No budget is configured, so nothing is counted and no deploy is held.\n' +
      'Add one to plimsoll.yaml, such as budget: {}, with "cost" in each environment, and start the worker again.',
  );
