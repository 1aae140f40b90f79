import type { BudgetLimits, PlanBudget, Spending, Sums } from '../budget.ts';
import { inDollars } from './money.ts';

/** ISO times in UTC: the first moment, and the first one after it. */
export type Period = { from: string; to: string };

const at = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString();

export function dayOf(now: number): Period {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return { from: at(year, month, day), to: at(year, month, day + 1) };
}

/** From the 1st, 00:00 UTC. */
export function monthOf(now: number): Period {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { from: at(year, month, 1), to: at(year, month + 1, 1) };
}

/** What counts against the limits. Files and summary tell of the same costs: the higher one counts. */
export function usedOf({ costs, deploys, reserved }: Spending, summary: Sums | null): Sums {
  const told = summary ?? { day: 0, month: 0, agents: {} };
  const agents = [costs, deploys, reserved, told].flatMap((sums) => Object.keys(sums.agents));
  const agent = (name: string) =>
    Math.max(of(costs.agents, name), of(told.agents, name)) +
    of(deploys.agents, name) +
    of(reserved.agents, name);
  return {
    day: Math.max(costs.day, told.day) + deploys.day + reserved.total,
    month: Math.max(costs.month, told.month) + deploys.month + reserved.total,
    agents: Object.fromEntries([...new Set(agents)].toSorted().map((name) => [name, agent(name)])),
  };
}

const of = (sums: Record<string, number>, name: string) =>
  Object.hasOwn(sums, name) ? (sums[name] ?? 0) : 0;

/** The day's costs of one agent. */
export const usedBy = ({ agents }: Sums, agent: string): number => of(agents, agent);

/** At 100 % everything halts, and nothing begins that would go beyond. */
export const isOver = (used: number, limit: number, more: number): boolean =>
  used >= limit || used + more > limit;

/** Why a person must approve what costs this much; null: nobody must. */
export function taskDemand({ limits, estimate }: PlanBudget): string | null {
  if (estimate === null || estimate <= limits.task) return null;
  const cost = inDollars(estimate);
  return `a human: the deploy costs about ${cost}, over the ${inDollars(limits.task)} a task may cost`;
}

/** "today $3.40 of $20.00, month $120.00 of $1,000.00" */
export function usedWords(used: Sums, limits: BudgetLimits, agent: string | null): string {
  const words = [
    `today ${inDollars(used.day)} of ${inDollars(limits.day)}`,
    `month ${inDollars(used.month)} of ${inDollars(limits.month)}`,
  ];
  if (agent !== null)
    words.push(`${agent} today ${inDollars(usedBy(used, agent))} of ${inDollars(limits.agent)}`);
  return words.join(', ');
}
