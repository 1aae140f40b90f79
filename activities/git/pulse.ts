import { asyncLocalStorage } from '@temporalio/activity';

const everyMs = 3000;

/** The cancellation of the activity that runs now; undefined outside of one. */
export const cancellation = (): AbortSignal | undefined =>
  asyncLocalStorage.getStore()?.cancellationSignal;

/** Long work inside an activity: the server hears every 3 s that it lives, and its cancel arrives. */
export async function pulse<T>(work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
  const context = asyncLocalStorage.getStore();
  const timer = context && setInterval(() => context.heartbeat(), everyMs);
  try {
    return await work(context?.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}

/** Stays the same when the activity is tried again; undefined outside of one. */
export const currentActivity = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.activityId;

/** Another one after a reset; undefined outside of an activity. */
export const currentRun = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.workflowExecution?.runId;
