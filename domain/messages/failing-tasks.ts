import type { Page } from '../contract/activities.ts';
import type { FailingTasks } from '../deploy/failing-tasks.ts';
import { refOf } from '../deploy/plan.ts';
import type { SealedPlan } from '../deploy/plan.ts';
import type { Place } from '../deploy/snapshot.ts';
import { plimsoll } from '../deploy/wire.ts';
import { clock } from './parts/format.ts';
import { count } from './parts/numbers.ts';
import { scrub } from './parts/scrub.ts';
import { short } from './parts/served.ts';

// These texts are about a workflow whose workflow tasks fail again and again. Such a workflow
// processes no signal, answers no query and cannot report its own state. So other code of the
// worker and the client report it.

/** The cause of a workflow task that ran out of time. */
export const timedOutTask = 'a worker took the workflow task, but did not finish it in time';

const mostCause = 300;

/** Returns a text such as "4 workflow tasks failed since 22:57:12Z: Fatal error in …". */
export const failingWords = ({ count: tasks, since, cause }: FailingTasks) =>
  `${count(tasks, 'workflow task')} failed since ${clock(since)}: ` +
  scrub(cause).replaceAll(/\s+/g, ' ').slice(0, mostCause);

export const recoverCommand = ({ project, environment }: Place) =>
  `${plimsoll} recover ${project} ${environment}`;

const untouched: readonly unknown[] = ['planning', 'preflight', 'approval'];

/** The known facts about a deploy that cannot continue. */
export type FailingDeploy = {
  place: Place;
  /** The last phase that the deploy reported. */
  phase: string | null;
  sealed: SealedPlan | null;
};

/**
 * Every deploy begins in the phase 'planning'. Without a phase, the workflow is the recovery of a
 * deploy that was ended, and this deploy may have changed production.
 */
export const mayHaveTouched = ({ phase }: Pick<FailingDeploy, 'phase'>) =>
  !untouched.includes(phase);

/** Returns a text about the live release. */
export function liveWhileFailing({ phase, sealed }: Pick<FailingDeploy, 'phase' | 'sealed'>) {
  if (!mayHaveTouched({ phase })) return 'unchanged: nothing was touched';
  if (!sealed) return 'UNKNOWN: a deploy was ended, and its rollback has not begun';
  const { release, rollbackTarget } = sealed.plan;
  const before = rollbackTarget ? short(rollbackTarget.sha) : 'no release';
  return `UNKNOWN: ${short(release.sha)} or ${before}`;
}

/**
 * Returns the three texts that the first line of every screen shows for a deploy that cannot
 * continue.
 */
export const failingLine = (deploy: FailingDeploy) => ({
  liveNow: liveWhileFailing(deploy),
  waitingFor: 'nothing: Plimsoll cannot continue this deploy',
  doThis: recoverCommand(deploy.place),
});

/**
 * Returns the text that is printed when an order or a decision is not sent, because this deploy
 * would never process it.
 */
export const cannotReceive = (
  verb: string,
  { place, failing }: { place: Place; failing: FailingTasks },
) =>
  `Plimsoll cannot continue the deploy of ${place.project} ${place.environment}: ` +
  `${failingWords(failing)}.\n` +
  `The deploy would not process ${verb}, so nothing was sent.\n` +
  `End the deploy and finish its rollback:  ${recoverCommand(place)}`;

/**
 * Returns the text with which `watch` and `deploy` end if the deploy cannot continue. Without this
 * end, both commands would wait for ever.
 */
export const cannotContinue = ({ place, failing }: { place: Place; failing: FailingTasks }) =>
  `Plimsoll cannot continue the deploy of ${place.project} ${place.environment}: ` +
  `${failingWords(failing)}.\n` +
  'The deploy holds its lock until a person ends it.\n' +
  `End the deploy and finish its rollback:  ${recoverCommand(place)}`;

/** Returns the reason that Temporal shows for the end of the deploy. */
export const recoverReason = (failing: FailingTasks) =>
  `ended by the command recover: ${failingWords(failing)}`;

export const nothingToRecover = (
  { project, environment }: Place,
  { running, state }: { running: boolean; state: string },
) =>
  running
    ? `The deploy of ${project} ${environment} continues by itself: its workflow tasks do not fail. ` +
      'Nothing was changed.\n' +
      `Roll it back:  ${plimsoll} rollback ${project} ${environment}`
    : `The deploy of ${project} ${environment} is closed (${state.toLowerCase()}). ` +
      'Nothing was changed.\n' +
      `Finish the rollback of a deploy that was terminated:  ${plimsoll} reconcile --project ${project}`;

/** The reason if the search for lost deploys did not find the deploy that was just ended. */
export const notFoundAsLost = 'the search for lost deploys did not find it';

/** Returns the text that is printed if the deploy was ended, but no rollback has finished. */
export const notRolledBack = (
  { project, environment }: Place,
  { liveNow, why }: { liveNow: string; why: string },
) =>
  `The deploy of ${project} ${environment} was ended, but nothing finished its rollback: ${why}.\n` +
  `Live now: ${liveNow}.\n` +
  `Finish the rollback:  ${plimsoll} reconcile --project ${project}`;

/** Returns the text that is printed if the ended deploy left nothing to roll back. */
export const endedWithoutRollback = ({ project, environment }: Place) =>
  `The deploy of ${project} ${environment} was ended. No rollback is needed: the deploy had not ` +
  'begun, or the ledger has its outcome.\n' +
  `See the record:  ${plimsoll} history ${project} ${environment}`;

/** Returns the text that is printed if the rollback still runs when the command ends. */
export const rollbackRuns = ({ project, environment }: Place) =>
  `The deploy of ${project} ${environment} was ended. Its rollback is running.\n` +
  `Watch it:  ${plimsoll} watch ${project} ${environment}`;

/** Returns the line of `reconcile` about a deploy that is open and cannot continue. */
export const failingDeployLine = ({ place, failing }: { place: Place; failing: FailingTasks }) =>
  `${place.project} ${place.environment}: Plimsoll cannot continue this deploy: ` +
  `${failingWords(failing)}\n  End it and finish its rollback: ${recoverCommand(place)}`;

/** Returns the line of `reconcile` about a deploy whose state could not be read. */
export const unreadDeployLine = ({ place, why }: { place: Place; why: string }) =>
  `${place.project} ${place.environment}: the state of this deploy could not be read: ` +
  `${why}\n` +
  `  Read it again: ${plimsoll} status ${place.project} ${place.environment}`;

/** The page is sent again at this interval, until a person ends the workflow. */
const pageEveryMs = 3_600_000;

/**
 * Returns the step of the page. The step changes every hour after the first failed task, so that
 * the page is sent again.
 */
const stepOf = ({ since }: FailingTasks, now: Date) =>
  `failing-tasks/${since}/` + String(Math.floor((now.getTime() - Date.parse(since)) / pageEveryMs));

/** Returns the page for a deploy that cannot continue, or whose recovery cannot continue. */
export function failingDeployPage(
  deploy: FailingDeploy & { runId: string; failing: FailingTasks },
  now: Date,
): Page {
  const { place, sealed, runId, failing } = deploy;
  const { project, environment } = place;
  return {
    deploy: sealed
      ? refOf(sealed.plan)
      : { deployId: `run-${runId}`, project, environment, sha: '0'.repeat(40) },
    step: stepOf(failing, now),
    title: `${project} ${environment}: Plimsoll cannot continue this deploy`,
    text: [
      `${failingWords(failing)}.`,
      `Live now: ${liveWhileFailing(deploy)}.`,
      'The deploy holds its lock and processes no order.',
      `End the deploy and finish its rollback: ${recoverCommand(place)}`,
    ].join('\n'),
    priority: mayHaveTouched(deploy) ? 'urgent' : 'high',
  };
}

/**
 * The work that is not done while a workflow cannot continue, by the type of the workflow. Deploys
 * are not in this list, because they have their own page.
 */
const undone: Record<string, string> = {
  aftermath:
    'A release was rolled back, and its incident, quarantine, revert or notes may be missing. ' +
    `Check them: ${plimsoll} incidents`,
  reconcile: 'Deploys that were terminated are not found.',
  drift: 'Nobody checks whether the live releases are those that were deployed.',
  budget: 'Nobody is notified about passed limits of the budget.',
  poll: 'Pushes to this branch start no deploy.',
};

/** Returns the page about a workflow of this worker that is not a deploy and cannot continue. */
export function failingWorkflowPage(
  {
    workflowId,
    type,
    runId,
    failing,
  }: { workflowId: string; type: string; runId: string; failing: FailingTasks },
  now: Date,
): Page {
  return {
    deploy: { deployId: `run-${runId}`, project: '', environment: '', sha: '0'.repeat(40) },
    step: stepOf(failing, now),
    title: `Plimsoll cannot continue its workflow ${workflowId}`,
    text: [
      `${failingWords(failing)}.`,
      undone[type] ?? 'The command that started it gets no answer.',
      'Start the worker again, with an earlier version if it was updated. If that does not help, ' +
        `terminate the workflow ${workflowId} in the Web UI.`,
    ].join('\n'),
    priority: 'high',
  };
}
