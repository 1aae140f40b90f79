import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { ExecutionOf } from '../../activities/records/reconcile.ts';
import { messages, plimsoll, searchAttributes as names } from '../../domain/deploy/wire.ts';

const every = '5 minutes';

/**
 * Makes the reconcile schedule of the queue, if it does not exist yet. An existing schedule is not
 * changed, so a schedule that a person paused stays paused. Returns a warning if the server accepts
 * no schedules.
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
        staticSummary: 'finds deploys that were terminated, and finishes their rollback',
      },
    });
    return null;
  } catch (cause) {
    return cause instanceof ScheduleAlreadyRunning ? null : unscheduled(cause as Error);
  }
}

const unscheduled = ({ message }: Error) =>
  `The server accepted no schedule (${message}): terminated deploys are not found automatically.\n` +
  `Run this after somebody terminated a deploy, and from time to time: ${plimsoll} reconcile`;

/**
 * Reads the status of one run from the server. Returns null if the server does not know the run.
 */
export const executionOf =
  (client: Promise<Client>): ExecutionOf =>
  async (workflowId, runId) => {
    try {
      const handle = (await client).workflow.getHandle(workflowId, runId);
      const { status, closeTime, searchAttributes } = await handle.describe();
      const phase: unknown = searchAttributes[names.phase]?.[0];
      return {
        status: status.name,
        closedAt: closeTime?.toISOString() ?? null,
        phase: typeof phase === 'string' ? phase : null,
      };
    } catch (cause) {
      if (cause instanceof WorkflowNotFoundError) return null;
      throw cause;
    }
  };
