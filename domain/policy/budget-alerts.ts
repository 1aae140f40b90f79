import type { BudgetLimits, Sums } from '../budget.ts';
import { plimsoll } from '../messages.ts';
import { dayOf, monthOf } from './budget.ts';
import { inDollars } from './money.ts';

export const alertsAt = [50, 75, 90, 100] as const;

/** A limit of which a part is spent. `keys` are one of every line it has passed: each is told once. */
export type BudgetAlert = { keys: string[]; percent: number; title: string; text: string };

type Limited = { id: string; name: string; used: number; limit: number; until: string };

/** Every limit of which at least half is spent. A limit of nothing is passed from the start. */
export function budgetAlerts(used: Sums, limits: BudgetLimits, now: number): BudgetAlert[] {
  return limited(used, limits, now).flatMap((one) => {
    const passed = alertsAt.filter((percent) => one.used * 100 >= one.limit * percent);
    const percent = passed.at(-1);
    if (percent === undefined) return [];
    const keys = passed.map((line) => `budget/${one.id}/${line}`);
    return [{ keys, percent, ...words(one, percent) }];
  });
}

/** Nothing spent of nothing allowed is no news. */
const limited = (used: Sums, limits: BudgetLimits, now: number): Limited[] => {
  const [day, month] = [dayOf(now), monthOf(now)];
  const [date, until] = [day.from.slice(0, 10), day.to];
  const all = [
    { id: `day/${date}`, name: 'today', used: used.day, limit: limits.day, until },
    {
      ...{ id: `month/${date.slice(0, 7)}`, name: 'this month', used: used.month },
      ...{ limit: limits.month, until: month.to },
    },
    ...Object.entries(used.agents).map(([agent, spent]) => ({
      ...{ id: `agent/${agent}/${date}`, name: `${agent} today`, used: spent },
      ...{ limit: limits.agent, until },
    })),
  ];
  return all.filter((one) => one.used > 0);
};

function words({ name, used, limit, until }: Limited, percent: number) {
  const title = `Budget, ${name}: ${percent} % is spent (${inDollars(used)} of ${inDollars(limit)})`;
  const halted =
    percent === 100
      ? `Nothing is deployed before ${until} but --priority P0; going back is always allowed.`
      : `At 100 % nothing is deployed any more but --priority P0, until ${until}.`;
  return { title, text: `${halted}\nWhat was spent, and by whom: ${plimsoll} budget` };
}
