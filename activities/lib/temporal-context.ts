import { asyncLocalStorage } from '@temporalio/activity';

const everyMs = 3000;

/** The cancellation signal of the current activity; undefined outside of an activity. */
export const cancellation = (): AbortSignal | undefined =>
  asyncLocalStorage.getStore()?.cancellationSignal;

/**
 * A signal that fires after `timeoutMs`, when the current activity is cancelled, or when one of the
 * given signals fires.
 */
export const boundedSignal = (
  timeoutMs: number,
  ...more: readonly (AbortSignal | undefined)[]
): AbortSignal =>
  AbortSignal.any(
    [AbortSignal.timeout(timeoutMs), cancellation(), ...more].filter((one) => one !== undefined),
  );

/**
 * Runs `work` with the activity's cancellation signal, and sends a heartbeat every 3 s until `work`
 * settles. Temporal can cancel an activity only through heartbeats. `details` returns the details
 * that each heartbeat sends. Outside of an activity, `work` gets a signal that never fires.
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
 * Id of the current activity, which stays the same when the activity is retried; undefined outside
 * of an activity.
 */
export const currentActivity = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.activityId;

/**
 * Run id of the current activity's workflow, which changes after a reset; undefined outside of an
 * activity.
 */
export const currentRun = (): string | undefined =>
  asyncLocalStorage.getStore()?.info.workflowExecution?.runId;
