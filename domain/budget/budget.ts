import type { BudgetLimits, PlanBudget, Spending, Sums } from '../deploy/budget.ts';
import { inDollars } from '../lib/money.ts';

/**
 * ISO times in UTC. `from` is the first moment of the period. `to` is the first moment after the
 * period.
 */
export type Period = { from: string; to: string };

const at = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString();

/** Returns the UTC day that contains `now` (epoch milliseconds). */
export function dayOf(now: number): Period {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return { from: at(year, month, day), to: at(year, month, day + 1) };
}

/** Returns the UTC month that contains `now` (epoch milliseconds). */
export function monthOf(now: number): Period {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { from: at(year, month, 1), to: at(year, month + 1, 1) };
}

/**
 * Returns the sums that count against the limits. The cost files and the summary contain the same
 * costs. So only the higher of both sums counts.
 */
export function usedOf({ costs, deploys, reserved }: Spending, summary: Sums | null): Sums {
  const reported = summary ?? { day: 0, month: 0, agents: {} };
  const agents = [costs, deploys, reserved, reported].flatMap((sums) => Object.keys(sums.agents));
  const agent = (name: string) =>
    Math.max(of(costs.agents, name), of(reported.agents, name)) +
    of(deploys.agents, name) +
    of(reserved.agents, name);
  return {
    day: Math.max(costs.day, reported.day) + deploys.day + reserved.total,
    month: Math.max(costs.month, reported.month) + deploys.month + reserved.total,
    agents: Object.fromEntries([...new Set(agents)].toSorted().map((name) => [name, agent(name)])),
  };
}

const of = (sums: Record<string, number>, name: string) =>
  Object.hasOwn(sums, name) ? (sums[name] ?? 0) : 0;

/** Returns the amount that one agent has spent today, in micro-dollars. */
export const usedBy = ({ agents }: Sums, agent: string): number => of(agents, agent);

/**
 * Returns true if the limit is reached, or if spending `more` would exceed it. All amounts are
 * micro-dollars.
 */
export const isOver = (used: number, limit: number, more: number): boolean =>
  used >= limit || used + more > limit;

/**
 * Returns the reason why a person must approve a deploy with this estimated cost; null: the cost
 * needs no person.
 */
export function taskDemand({ limits, estimate }: PlanBudget): string | null {
  if (estimate === null || estimate <= limits.task) return null;
  const cost = inDollars(estimate);
  return (
    `a human: the deploy costs about ${cost}, ` +
    `more than the ${inDollars(limits.task)} that a task may cost`
  );
}

/** Returns the spending as a text, such as "today $3.40 of $20.00, month $120.00 of $1,000.00". */
export function usedWords(used: Sums, limits: BudgetLimits, agent: string | null): string {
  const words = [
    `today ${inDollars(used.day)} of ${inDollars(limits.day)}`,
    `month ${inDollars(used.month)} of ${inDollars(limits.month)}`,
  ];
  if (agent !== null)
    words.push(`${agent} today ${inDollars(usedBy(used, agent))} of ${inDollars(limits.agent)}`);
  return words.join(', ');
}
