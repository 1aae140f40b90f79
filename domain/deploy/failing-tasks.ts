/** A workflow task that failed or that no worker finished in time. `at`: ISO time. */
export type FailedTask = { at: string; cause: string };

/** The facts about the workflow tasks of an open workflow. */
export type TaskFacts = {
  /**
   * The pending task. `attempt` counts from 1. `at` is the ISO time at which the server planned
   * this attempt.
   */
  pending: { attempt: number; at: string } | null;
  /** The failed tasks after the last completed task, newest first. */
  failed: readonly FailedTask[];
};

/**
 * The reason why a workflow cannot continue: `count` tasks have failed since the ISO time `since`.
 */
export type FailingTasks = { count: number; since: string; cause: string };

const unknownCause = 'the reason is not in the newest part of its history';

/**
 * Counts the workflow tasks that failed since the last completed task; null: none failed. The
 * server writes an event only for the first failure of a task. So the further failures are computed
 * from the attempt number.
 */
export function countFailedTasks({ pending, failed }: TaskFacts): FailingTasks | null {
  if (!pending) return null;
  const count = failed.length + Math.max(0, pending.attempt - 2);
  if (count === 0) return null;
  const since = failed.at(-1)?.at ?? pending.at;
  return { count, since, cause: failed[0]?.cause ?? unknownCause };
}

const leastCount = 3;
const leastMs = 30_000;

/**
 * Returns true if the workflow does not continue by itself: at least 3 tasks have failed, and the
 * first failed at least 30 s ago. When a worker only stops or a machine is only busy, fewer tasks
 * fail.
 */
export const doesNotContinue = ({ count, since }: FailingTasks, now: Date): boolean =>
  count >= leastCount && now.getTime() - Date.parse(since) >= leastMs;
