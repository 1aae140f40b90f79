import { asyncLocalStorage } from '@temporalio/activity';

const everyMs = 3000;

/** Returns the cancellation signal of the current activity, or undefined outside of an activity. */
export const cancellation = (): AbortSignal | undefined =>
  asyncLocalStorage.getStore()?.cancellationSignal;

/**
 * Makes a signal that fires after `timeoutMs`, when the current activity is cancelled, or when one
 * of the signals in `more` fires.
 */
export const boundedSignal = (
  timeoutMs: number,
  ...more: readonly (AbortSignal | undefined)[]
): AbortSignal =>
  AbortSignal.any(
    [AbortSignal.timeout(timeoutMs), cancellation(), ...more].filter((one) => one !== undefined),
  );

/**
 * Runs `work` with the activity's cancellation signal. Sends a heartbeat every 3 s until `work`
 * ends, because Temporal cannot cancel an activity without heartbeats. `details` returns the
 * details for each heartbeat. Outside of an activity, `work` gets a signal that never fires.
 */
export async function withHeartbeat<T>(
  work: (signal: AbortSignal) => Promise<T>,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = asyncLocalStorage.getStore();
  if (!context) return await work(new AbortController().signal);
  const beat = () => context.heartbeat(details());
  beat();
  const timer = setInterval(beat, everyMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Returns the id of the current activity, or undefined outside of an activity. A retry has the same
 * id.
 */
export const currentActivity = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.activityId;

/** Returns the id of the current activity's workflow, or undefined outside of an activity. */
export const currentWorkflow = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.workflowExecution?.workflowId;

/** Returns the type of the current activity's workflow, or undefined outside of an activity. */
export const currentWorkflowType = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.workflowType;

/**
 * Returns the run id of the current activity's workflow, or undefined outside of an activity. A
 * reset changes the run id.
 */
export const currentRun = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.workflowExecution?.runId;
