import { proxyActivities } from '@temporalio/workflow';

export type Order = { taskQueue: string; activity: string; input: unknown };

/** A workflow of a stranger: orders one activity on the queue of another worker. */
export async function order({ taskQueue, activity, input }: Order): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '1 minute',
    retry: { maximumAttempts: 1 },
  });
  return await activities[activity]?.(input);
}
