import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { Plan } from '../../domain/plan.ts';
import { judgeBudget } from '../../domain/policy/gates.ts';
import { readCosts, type SourceDeps } from '../budget/sources.ts';
import { pulse } from '../git/pulse.ts';
import type { Ledger } from '../ledger.ts';
import { final } from '../lib/fail.ts';
import { reportOf } from './report.ts';

type Deps = Omit<SourceDeps, 'book'> & {
  ledger: Pick<Ledger, 'append' | 'book'>;
  /** Epoch ms. */
  now?: () => number;
};
type Budgeted = Plan & { budget: NonNullable<Plan['budget']> };

/**
 * Weighs what was spent and holds this deploy's cost in one transaction. Transient: a source did not answer, which
 * no P0 waits for; or the ledger.
 */
export const createBudgetGate =
  ({ ledger, now: clock = Date.now, ...sources }: Deps): Activities['checkBudget'] =>
  ({ plan, hold }) =>
    pulse(async () => {
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

/** Recorded once a deploy: what a P0 went through. */
const throughEntry = (plan: Plan, through: string[]) => ({
  ...({ kind: 'budget', key: `${plan.deployId}/budget` } as const),
  ...{ deployId: plan.deployId, project: plan.project, environment: plan.environment },
  body: { what: 'P0, not held by the budget', through, requestedBy: plan.requestedBy },
});

const noBudget = () =>
  final(failures.misconfigured, 'The plan knows no budget, so none can be checked. Deploy again.');
