import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { countFailedTasks } from '../../domain/deploy/failing-tasks.ts';
import type { FailedTask, FailingTasks } from '../../domain/deploy/failing-tasks.ts';
import { timedOutTask } from '../../domain/messages/failing-tasks.ts';
import { scrub } from '../../domain/messages/parts/scrub.ts';

type Described = Pick<WorkflowExecutionDescription, 'workflowId' | 'runId' | 'raw'>;

/** The largest number of events to read, newest first. */
const mostEvents = 200;

/**
 * TIMEOUT_TYPE_SCHEDULE_TO_START of Temporal's API. The worker that had the workflow in memory did
 * not take the task in time. This is no failure, because any other worker may then take the task.
 */
const notTaken = 2;

/**
 * Counts the workflow tasks that failed after the last completed task. Returns null if no task
 * failed. The cause contains no secret. The history is read only if a workflow task is pending.
 */
export async function readFailingTasks(
  client: Pick<Client, 'workflowService' | 'options'>,
  { workflowId, runId, raw }: Described,
): Promise<FailingTasks | null> {
  const { pendingWorkflowTask: task } = raw;
  if (!task) return null;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: mostEvents,
  });
  const events = history?.events ?? [];
  const completed = events.findIndex((event) => event.workflowTaskCompletedEventAttributes);
  const later = completed === -1 ? events : events.slice(0, completed);
  const pending = { attempt: task.attempt ?? 1, at: isoOf(task.originalScheduledTime) };
  return countFailedTasks({ pending, failed: later.flatMap(failedTask) });
}

type Event = NonNullable<
  NonNullable<
    Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>['history']
  >['events']
>[number];

function failedTask(event: Event): FailedTask[] {
  const at = isoOf(event.eventTime);
  const failed = event.workflowTaskFailedEventAttributes;
  if (failed)
    return [{ at, cause: scrub(failed.failure?.message || 'the worker named no reason') }];
  const late = event.workflowTaskTimedOutEventAttributes;
  return late && late.timeoutType !== notTaken ? [{ at, cause: timedOutTask }] : [];
}

function isoOf(time: Event['eventTime']): string {
  const { seconds = 0, nanos = 0 } = time ?? {};
  return new Date(Number(seconds) * 1000 + Number(nanos) / 1e6).toISOString();
}
