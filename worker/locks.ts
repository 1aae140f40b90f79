import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Locks } from '../activities/records/free-locks.ts';

/** A worker counts as stopped this many milliseconds after its last poll. */
const freshMs = 90_000;

/**
 * Makes the functions that read and end the workflows that hold the locks of places. `queue` is the
 * queue of this worker.
 */
export const locksOf = (connected: Promise<Client>, queue: string): Locks => ({
  async holder(workflowId) {
    const client = await connected;
    const found = await orNull(client.workflow.getHandle(workflowId).describe());
    if (found?.status.name !== 'RUNNING') return null;
    const { runId, type, taskQueue, startTime } = found;
    const own = taskQueue === queue;
    const polled = own || (await isPolled(client, taskQueue));
    return { runId, type, taskQueue, startedAt: startTime.toISOString(), own, polled };
  },
  async end(workflowId, runId, reason) {
    const client = await connected;
    await orNull(client.workflow.getHandle(workflowId, runId).terminate(reason));
  },
});

async function isPolled(client: Client, name: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType: 1,
  });
  const polls = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0));
  return polls.some((seconds) => Date.now() - seconds * 1000 < freshMs);
}

async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof WorkflowNotFoundError) return null;
    throw cause;
  }
}
