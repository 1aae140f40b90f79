import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { budgetId, messages, plimsoll } from '../domain/messages.ts';
import type { Config } from '../domain/schema.ts';
import { dropSchedule, putSchedule } from './put-schedule.ts';

const every = '5 minutes';

/**
 * One for the namespace: the worker that started last decides, and none where no budget is configured. Answers a
 * warning where the server takes none.
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
      args: [{ tell: true, channel }],
      workflowExecutionTimeout: '15 minutes',
      staticSummary: 'tells people when half, three quarters, 90 % or all of a budget is spent',
    },
  });

const unscheduled = ({ message }: Error) =>
  `The server took no schedule (${message}): nobody is told how much of the budget is spent.\n` +
  `The gate holds all the same. Start the worker again, or look yourself: ${plimsoll} budget`;
