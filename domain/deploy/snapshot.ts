import type { FailingTasks } from './failing-tasks.ts';
import type { DeployReport, DeployStatus, SealedPlan } from './plan.ts';

/** A place is one environment of one project. */
export type Place = { project: string; environment: string };

/**
 * The facts about a deploy that a client can read now. `status` comes from a worker. All other
 * facts come from the Temporal server.
 */
export type DeploySnapshot = {
  place: Place;
  runId: string;
  /** The type and the task queue of the workflow. */
  holder?: { type: string; taskQueue: string };
  running: boolean;
  /**
   * Temporal's state of the run: RUNNING, COMPLETED, CONTINUED_AS_NEW, FAILED, CANCELLED,
   * TERMINATED or TIMED_OUT.
   */
  state: string;
  startedAt: string;
  closedAt: string | null;
  requester: string | null;
  phase: string | null;
  /** The plan in the memo; null = there is no plan yet. */
  sealed: SealedPlan | null;
  /** The result of the deploy, if the deploy handed its lock over to another deploy. */
  report?: DeployReport | null;
  /** Nonce of the request that took the lock. */
  request?: string | null;
  /** The status from a worker; null = no worker answers. */
  status: DeployStatus | null;
  /** Activities that failed and are retried, or that wait for a worker. */
  pending: { activity: string; attempt: number; failure: string | null }[];
  /** Why Plimsoll cannot continue this open deploy; null = the deploy continues. */
  failing: FailingTasks | null;
};

/**
 * Returns the phase of a deploy. The phase that the worker reports comes first. Without it, the
 * phase in the search attributes counts. Without both, the phase is 'planning' before there is a
 * plan, and 'unknown' later.
 */
export const phaseOf = ({
  status,
  phase,
  sealed,
}: Pick<DeploySnapshot, 'status' | 'phase' | 'sealed'>) =>
  status?.phase ?? phase ?? (sealed ? 'unknown' : 'planning');
