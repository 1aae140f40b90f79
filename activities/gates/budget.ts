import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import { judgeBudget } from '../../domain/gates/budget.ts';
import { readCosts, type SourceDeps } from '../budget/sources.ts';
import type { Ledger } from '../ledger/types.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { final } from '../lib/fail.ts';
import { reportOf } from './report.ts';

type Deps = Omit<SourceDeps, 'book'> & {
  ledger: Pick<Ledger, 'append' | 'book'>;
  /** Returns the current time in epoch milliseconds. */
  now?: () => number;
};
type Budgeted = Plan & { budget: NonNullable<Plan['budget']> };

/**
 * Makes the budget gate. The gate judges the spending. With `hold`, the gate also reserves the cost
 * of this deploy in the same transaction. Throws a transient failure if the ledger or a source of
 * costs does not answer. A P0 deploy does not wait for a source of costs.
 */
export const createBudgetGate =
  ({ ledger, now: clock = Date.now, ...sources }: Deps): PlainActivities['checkBudget'] =>
  ({ plan, hold }) =>
    withHeartbeat(async () => {
      const { book } = ledger;
      const now = clock();
      if (!isBudgeted(plan)) throw noBudget();
      const { environment, priority, budget } = plan;
      const urgent = priority === 'P0';
      const { pending, ...read } = await readCosts({ ...sources, book }, { now, urgent });
      const badLines = (await book.badLines(now, 0)).total + pending;
      const facts = { environment, priority, budget, badLines, now, ...read };
      const weigh = (spending: Awaited<ReturnType<typeof book.spending>>) =>
        judgeBudget({ ...facts, spending });
      const judged = hold
        ? await book.reserve(reservationOf(plan, now), weigh)
        : weigh(await book.spending(now));
      if (hold && judged.through.length > 0)
        await ledger.append(throughEntry(plan, judged.through));
      return reportOf('budget', judged, judged.through);
    });

const isBudgeted = (plan: Plan): plan is Budgeted => plan.budget !== undefined;

const reservationOf = ({ deployId, project, environment, budget }: Budgeted, now: number) => ({
  ...{ deployId, project, environment, agent: budget.agent },
  ...{ micros: budget.estimate ?? 0, at: new Date(now).toISOString() },
});

/**
 * Makes the ledger entry for a P0 deploy above the budget. `through` lists the reasons. The same
 * reasons close the gate for any other deploy. Each deploy writes this entry once.
 */
const throughEntry = (plan: Plan, through: string[]) => ({
  ...({ kind: 'budget', key: `${plan.deployId}/budget` } as const),
  ...{ deployId: plan.deployId, project: plan.project, environment: plan.environment },
  body: { what: 'P0, not blocked by the budget', through, requestedBy: plan.requestedBy },
});

const noBudget = () =>
  final(
    failures.misconfigured,
    'The plan has no budget, so the budget cannot be checked. Deploy again.',
  );
