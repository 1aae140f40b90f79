import type { Page } from '../activities.ts';
import type { BudgetReport } from '../budget.ts';
import { usedBy } from './budget.ts';
import type { BudgetAlert } from './budget-alerts.ts';
import { inDollars } from './money.ts';

/** Its key is that of the line that was passed: the same message however often it is sent. */
export const alertPage = ({ keys, title, text }: BudgetAlert): Page => ({
  deploy: { deployId: 'budget', project: '', environment: '', sha: '' },
  step: keys.at(-1) ?? 'budget',
  ...{ title, text, priority: 'high' },
});

/** One line a limit: "today $3.40 of $20.00, 17 %". */
export function budgetLines({ used, limits, spending }: BudgetReport): string[] {
  const { deploys, total } = spending.reserved;
  return [
    line('today', used.day, limits.day),
    line('month', used.month, limits.month),
    ...Object.keys(used.agents)
      .toSorted()
      .map((agent) => line(`${agent} today`, usedBy(used, agent), limits.agent)),
    deploys === 0
      ? 'no deploy is open that holds anything'
      : `${inDollars(total)} of it is held by ${deploys === 1 ? 'an open deploy' : `${deploys} open deploys`}`,
  ];
}

const line = (name: string, used: number, limit: number) =>
  `${name} ${inDollars(used)} of ${inDollars(limit)}, ${percent(used, limit)} %`;

const percent = (used: number, limit: number) =>
  limit === 0 ? (used > 0 ? 'more than 100' : '100') : String(Math.floor((used * 100) / limit));

/** What is in no sum, and why; empty: everything is. */
export const missingLines = ({ bad, sourceErrors }: BudgetReport): string[] => [
  ...sourceErrors.map((error) => `could not be read: ${error}.`),
  ...(bad.total === 0
    ? []
    : [`${bad.total} ${bad.total === 1 ? 'line' : 'lines'} of this month could not be read:`]),
  ...bad.newest.map(({ path, line: number, why }) => `${path}:${number}: ${why}`),
];

/** What nobody was told, and that nobody can be. */
export const untoldLines = ({ untold, reachable }: BudgetReport): string[] => [
  ...untold.map((title) => `Not told to anybody yet: ${title}`),
  ...(reachable ? [] : [unreachable]),
];

export const unreachable =
  'NOBODY IS TOLD at 50, 75, 90 and 100 % of a limit: plimsoll.yaml has neither "slack" nor "page". ' +
  'Add one of them and start the worker again.';

/** For the Web UI. */
export const budgetDetails = (report: BudgetReport) =>
  [...missingLines(report), ...untoldLines(report), ...budgetLines(report)].join('\n');
