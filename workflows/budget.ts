import { setCurrentDetails } from '@temporalio/workflow';
import type { BudgetReport } from '../domain/budget.ts';
import type { BudgetAlert } from '../domain/policy/budget-alerts.ts';
import { alertPage, budgetDetails } from '../domain/policy/budget-words.ts';
import { note, reach } from './call-out.ts';
import { reading } from './proxies.ts';

type Asked = { tell: boolean; channel: string | null };

/** What was spent and what is held. By a schedule people hear of every line that was passed, once. */
export async function budget({ tell: tells, channel }: Asked): Promise<BudgetReport> {
  const report = await reading.tallyBudget();
  setCurrentDetails(budgetDetails(report));
  if (!tells) return report;
  const untold: string[] = [];
  for (const alert of await reading.dueAlerts({ report }))
    if (!(await raise(alert, channel))) untold.push(alert.title);
  const after = { ...report, untold };
  setCurrentDetails(budgetDetails(after));
  return after;
}

/** Without a channel a person is called: there is no other way. What nobody took is told by the next run. */
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
