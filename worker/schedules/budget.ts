import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { budgetId, messages, plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { dropSchedule, putSchedule } from './put-schedule.ts';

const every = '5 minutes';

/**
 * Makes the schedule that checks the budget, or removes this schedule if no budget is configured. A
 * namespace has one such schedule, which the newest worker overwrites. Returns a warning if the
 * server accepts no schedules.
 */
export async function scheduleBudget(
  client: Client,
  { budget, slack }: Config,
  taskQueue: string,
): Promise<string | null> {
  try {
    if (budget) await put(client, taskQueue, slack?.deployments ?? null);
    else await dropSchedule(client, budgetId);
    return null;
  } catch (cause) {
    return budget ? unscheduled(cause as Error) : null;
  }
}

const put = (client: Client, taskQueue: string, channel: string | null) =>
  putSchedule(client, {
    scheduleId: budgetId,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: messages.budget,
      workflowId: budgetId,
      taskQueue,
      args: [{ notify: true, channel }],
      workflowExecutionTimeout: '15 minutes',
      staticSummary: 'notifies people when half, three quarters, 90 % or all of a budget is spent',
    },
  });

const unscheduled = ({ message }: Error) =>
  `The server accepted no schedule (${message}): nobody is notified about spending.\n` +
  `The budget gate still works. Start the worker again, or check the budget yourself: ${plimsoll} budget`;
