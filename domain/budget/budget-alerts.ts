import type { BudgetAlert, BudgetLimits, Sums } from '../deploy/budget.ts';
import { alertWords } from '../messages/parts/budget-alert.ts';
import { dayOf, monthOf } from './budget.ts';

const alertsAt = [50, 75, 90, 100] as const;

type Limited = { id: string; name: string; used: number; limit: number; until: string };

/**
 * Returns one alert for each limit of which at least 50 % is spent. `percent` is the highest of the
 * values 50, 75, 90 and 100 that the spending has reached.
 */
export function budgetAlerts(used: Sums, limits: BudgetLimits, now: number): BudgetAlert[] {
  return limited(used, limits, now).flatMap((one) => {
    const passed = alertsAt.filter((percent) => one.used * 100 >= one.limit * percent);
    const percent = passed.at(-1);
    if (percent === undefined) return [];
    const keys = passed.map((line) => `budget/${one.id}/${line}`);
    return [{ keys, percent, ...alertWords(one, percent) }];
  });
}

/** Returns each limit with the spent amount. A limit without spending is left out. */
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
