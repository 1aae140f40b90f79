import { setCurrentDetails } from '@temporalio/workflow';
import type { BudgetAlert, BudgetReport } from '../../domain/deploy/budget.ts';
import { alertPage, budgetDetails } from '../../domain/messages/budget.ts';
import { note, reach } from '../page.ts';
import { reading } from '../proxies.ts';

type Asked = { notify: boolean; channel: string | null };

/**
 * Reports spent and reserved costs. With `notify`, people are notified once about each limit that
 * the costs pass.
 */
export async function budget({ notify: notifies, channel }: Asked): Promise<BudgetReport> {
  const report = await reading.tallyBudget();
  setCurrentDetails(budgetDetails(report));
  if (!notifies) return report;
  const unreported: string[] = [];
  for (const alert of await reading.dueAlerts({ report }))
    if (!(await raise(alert, channel))) unreported.push(alert.title);
  const after = { ...report, unreported };
  setCurrentDetails(budgetDetails(after));
  return after;
}

/**
 * Sends one alert. At 100 %, or without a Slack channel, the alert is also a page. Returns true if
 * a person was reached. If not, the next run sends the alert again.
 */
async function raise(alert: BudgetAlert, channel: string | null): Promise<boolean> {
  const page = alertPage(alert);
  const quiet = channel !== null && alert.percent < 100;
  const heard = await (quiet ? note(page, channel) : reach(page, channel));
  if (heard !== 'reached') return false;
  const place = { deployId: null, project: null, environment: null };
  for (const key of alert.keys)
    await reading.append({ kind: 'budget', key, ...place, body: { what: alert.title } });
  return true;
}
