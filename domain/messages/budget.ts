import type { Page } from '../contract/activities.ts';
import type { BudgetAlert, BudgetReport } from '../deploy/budget.ts';
import { usedBy } from '../budget/budget.ts';
import { inDollars } from '../lib/money.ts';

/**
 * Returns the page about an alert. The same alert always has the same `step`, so the page is sent
 * only once.
 */
export const alertPage = ({ keys, title, text }: BudgetAlert): Page => ({
  deploy: { deployId: 'budget', project: '', environment: '', sha: '' },
  step: keys.at(-1) ?? 'budget',
  ...{ title, text, priority: 'high' },
});

/** Returns one line for each limit: "today $3.40 of $20.00, 17 %". */
export function budgetLines({ used, limits, spending }: BudgetReport): string[] {
  const { deploys, total } = spending.reserved;
  return [
    line('today', used.day, limits.day),
    line('month', used.month, limits.month),
    ...Object.keys(used.agents)
      .toSorted()
      .map((agent) => line(`${agent} today`, usedBy(used, agent), limits.agent)),
    deploys === 0
      ? 'open deploys reserve nothing'
      : `${inDollars(total)} of these sums is reserved by ` +
        `${deploys === 1 ? 'an open deploy' : `${deploys} open deploys`}`,
  ];
}

const line = (name: string, used: number, limit: number) =>
  `${name} ${inDollars(used)} of ${inDollars(limit)}, ${percent(used, limit)} %`;

const percent = (used: number, limit: number) =>
  limit === 0 ? (used > 0 ? 'more than 100' : '100') : String(Math.floor((used * 100) / limit));

/**
 * Returns lines about costs that are missing in the sums, each with its reason; empty: the sums are
 * complete.
 */
export const missingLines = ({ bad, sourceErrors }: BudgetReport): string[] => [
  ...sourceErrors.map((error) => `a source could not be read: ${error}.`),
  ...(bad.total === 0
    ? []
    : [`${bad.total} ${bad.total === 1 ? 'line' : 'lines'} of this month could not be read:`]),
  ...bad.newest.map(({ path, line: number, why }) => `${path}:${number}: ${why}`),
];

/** Returns lines about alerts that were not sent yet, and a warning if no channel can send them. */
export const unreportedLines = ({ unreported, reachable }: BudgetReport): string[] => [
  ...unreported.map((title) => `Nobody was notified yet: ${title}`),
  ...(reachable ? [] : [unreachable]),
];

export const unreachable =
  'NOBODY IS NOTIFIED at 50, 75, 90 and 100 % of a limit: plimsoll.yaml has neither "slack" ' +
  'nor "page". Add one of them and start the worker again.';

/** Returns the text about the budget for the Web UI. */
export const budgetDetails = (report: BudgetReport) =>
  [...missingLines(report), ...unreportedLines(report), ...budgetLines(report)].join('\n');
