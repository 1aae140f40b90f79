import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { ExecutionOf } from '../activities/reconcile.ts';
import { messages, plimsoll } from '../domain/messages.ts';

const every = '5 minutes';

/**
 * One a queue, whoever starts first; what is there already is left alone, a pause by a person too. Answers a
 * warning where the server takes none: a worker without it is better than no worker.
 */
export async function scheduleReconcile(client: Client, taskQueue: string): Promise<string | null> {
  try {
    await client.schedule.create({
      scheduleId: `reconcile/${taskQueue}`,
      spec: { intervals: [{ every }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: messages.reconcile,
        workflowId: `reconcile/${taskQueue}`,
        taskQueue,
        args: [{}],
        workflowExecutionTimeout: '10 minutes',
        staticSummary: 'finds deploys that were terminated, and finishes their way back',
      },
    });
    return null;
  } catch (cause) {
    return cause instanceof ScheduleAlreadyRunning ? null : unscheduled(cause as Error);
  }
}

const unscheduled = ({ message }: Error) =>
  `The server took no schedule (${message}): terminated deploys are not found by themselves.\n` +
  `After a terminate, and every now and then, run: ${plimsoll} reconcile`;

/** What the server knows of one run; null = nothing any more. */
export const executionOf =
  (client: Promise<Client>): ExecutionOf =>
  async (workflowId, runId) => {
    try {
      const handle = (await client).workflow.getHandle(workflowId, runId);
      const { status, closeTime } = await handle.describe();
      return { status: status.name, closedAt: closeTime?.toISOString() ?? null };
    } catch (cause) {
      if (cause instanceof WorkflowNotFoundError) return null;
      throw cause;
    }
  };
