import { setCurrentDetails } from '@temporalio/workflow';
import type { BudgetReport } from '../domain/budget.ts';
import type { BudgetAlert } from '../domain/policy/budget-alerts.ts';
import { alertPage, budgetDetails } from '../domain/policy/budget-words.ts';
import { callOut, noteOf, tell } from './call-out.ts';
import { reading, telling } from './proxies.ts';

type Asked = { tell: boolean; channel: string | null };

/** What was spent and what is held. By a schedule people hear of every line that was passed, once. */
export async function budget({ tell: tells, channel }: Asked): Promise<BudgetReport> {
  const report = await reading.tallyBudget();
  setCurrentDetails(budgetDetails(report));
  if (!tells) return report;
  for (const alert of await reading.dueAlerts({ report })) await raise(alert, channel);
  return report;
}

/** What nobody took is told again by the next run. */
async function raise(alert: BudgetAlert, channel: string | null) {
  const page = alertPage(alert);
  const told = alert.percent >= 100 ? await callOut(page, channel) : await say(page, channel);
  if (!told) return;
  const place = { deployId: null, project: null, environment: null };
  for (const key of alert.keys)
    await reading.append({ kind: 'budget', key, ...place, body: { what: alert.title } });
}

const say = async (page: ReturnType<typeof alertPage>, channel: string | null) =>
  channel === null ||
  (await tell(page.title, () => telling.say(noteOf(page, channel)))) !== 'failed';
