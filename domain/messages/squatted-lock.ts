import type { FreedLock } from '../contract/activities.ts';
import type { Place } from '../deploy/place.ts';
import { deployId, plimsoll } from '../deploy/wire.ts';
import { clean } from './parts/clean.ts';

// These sentences are about a workflow that has the workflow id of a place's deploys but is not a
// deploy.

type Holder = { type: string; taskQueue: string };

/** Returns the reason that Temporal shows for the end of the workflow. */
export const freedReason = (why: string) =>
  `held the lock of a deploy, but is not a deploy: ${why}`;

/** Returns the line of `reconcile` about a lock that it freed. */
export const freedLine = ({ project, environment, runId, why }: FreedLock) =>
  `${project} ${environment}: the lock is free again. The run ${runId} held the lock, but was not a deploy: ${why}`;

const heldBy = ({ project, environment }: Place, runId: string, holder: Holder) =>
  clean(
    `The lock of ${project} ${environment} is held by the workflow ${deployId(project, environment)}, ` +
      `run ${runId}, type ${JSON.stringify(holder.type)}, queue ${JSON.stringify(holder.taskQueue)}.`,
  );

const free = ({ project }: Place) => `Free the lock:  ${plimsoll} reconcile --project ${project}`;

/**
 * Returns the text that is printed if the workflow that holds the lock is neither a deploy nor a
 * recovery.
 */
export const squattedText = (place: Place, runId: string, holder: Holder) =>
  `${heldBy(place, runId, holder)}\n` +
  'This workflow is not a deploy, so it would not process the command. Nothing was sent.\n' +
  free(place);

/**
 * Returns the text that is printed if no worker runs the workflow that holds the lock. `queue` is
 * the queue of the newest worker. An earlier worker with another configuration may have started
 * this workflow.
 */
export const unattendedText = (place: Place, runId: string, holder: Holder & { queue: string }) =>
  `${heldBy(place, runId, holder)}\n` +
  `No worker polls this queue. The newest worker polls ${holder.queue}.\n` +
  'If a worker with an earlier configuration started the deploy, start that worker again. ' +
  'If the ledger does not contain this workflow, reconcile ends it.\n' +
  free(place);
