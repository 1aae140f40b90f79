import type { DeploymentState, Page } from '../activities.ts';
import { plimsoll } from '../messages.ts';
import { refOf } from '../plan.ts';
import type { Cause, DeployStatus, Outcome, Plan } from '../plan.ts';
import { frozenNote, questionNote, stuckNote } from './notes.ts';
import { short } from './served.ts';

const where = ({ project, environment }: { project: string; environment: string }) =>
  `${project} ${environment}`;

/** A step whose retries are exhausted waits for a person; on the way back production waits with it. */
export function stuckPage(status: DeployStatus, plan: Plan): Page | null {
  const { stuck, phase } = status;
  if (!stuck) return null;
  return {
    deploy: refOf(plan),
    step: `stuck/${stuck.since}`,
    title: `${where(plan)} is stuck${phase === 'restore' ? ' on its way back' : ''}`,
    text: `Live now: ${status.liveNow}\n${stuckNote(status)}`,
    priority: phase === 'restore' ? 'urgent' : 'high',
  };
}

export const questionPage = (status: DeployStatus, plan: Plan, at: number): Page => ({
  deploy: refOf(plan),
  step: `ask/${at}`,
  title: `${where(plan)}: is ${short(plan.sha)} healthy?`,
  text: questionNote(status),
  priority: 'high',
});

export const frozenPage = (status: DeployStatus, plan: Plan, at: number): Page => ({
  deploy: refOf(plan),
  step: `frozen/${at}`,
  title: `${where(plan)} FAILED and waits for you: sign what happens`,
  text: frozenNote(status),
  priority: 'urgent',
});

/** Production may be neither old nor new: nothing tries any more. */
export function failedRestorePage(plan: Plan, cause: Cause): Page {
  const { restoreTo } = plan;
  const todo = restoreTo
    ? `Look at every host now and make ${short(restoreTo.sha)} live by hand.`
    : 'It was the first release: there is nothing to go back to. Mend it by hand, or deploy again.';
  return {
    deploy: refOf(plan),
    step: 'restore-failed',
    title: restoreTo
      ? `${where(plan)}: THE WAY BACK FAILED`
      : `${where(plan)}: the first release failed`,
    text: [
      `${short(plan.sha)} ended restore-failed: ${cause.detail}`,
      todo,
      `What happened: ${plimsoll} incidents incident-${plan.deployId}`,
    ].join('\n'),
    priority: 'urgent',
  };
}

export const revertPage = (plan: Plan, note: string): Page => ({
  deploy: refOf(plan),
  step: 'revert',
  title: `${where(plan)}: a person must revert ${plan.branch}`,
  text:
    `Production is back on ${short(plan.restoreTo?.sha ?? '')}, but ${plan.branch} still has ` +
    `${short(plan.sha)}: the next deploy would ship it again.\n${note}`,
  priority: 'high',
});

/** Instead of Slack, which could not be told: production is well, and nobody knows why it is old again. */
export const incidentPage = (plan: Plan, text: string): Page => ({
  deploy: refOf(plan),
  step: 'incident',
  title: `${where(plan)} was taken back`,
  text: `${text}\nSlack does not answer, so this comes as a page.`,
  priority: 'high',
});

/** A deploy that was ended from outside, and what became of it. */
export function lostPage(
  lost: { deployId: string; project: string; environment: string; sha: string; how: string },
  outcome: Outcome,
  detail: string,
): Page {
  const ends: Partial<Record<Outcome, string>> = {
    'rolled-back': 'it was taken back, proven on every host',
    aborted: 'every host serves what was live before',
  };
  const end = ends[outcome] ?? 'production needs a person NOW';
  return {
    deploy: lost,
    step: `lost/${outcome}`,
    title: `${where(lost)} ${lost.how}: ${end}`,
    text: [
      `The deploy of ${short(lost.sha)} ${lost.how} without taking anything back.`,
      `Reconciled as ${outcome}: ${detail}`,
      `What was recorded: ${plimsoll} history ${where(lost)}`,
    ].join('\n'),
    priority: ends[outcome] ? 'high' : 'urgent',
  };
}

/** What GitHub shows; it has no word for a release that is live and was never proven: that is no success. */
export function deploymentState({ outcome, cause }: DeployStatus): {
  state: DeploymentState;
  description: string;
} {
  if (!outcome) return { state: 'in_progress', description: 'being released' };
  if (outcome === 'succeeded') return { state: 'success', description: 'proven healthy' };
  if (outcome === 'unproven')
    return { state: 'error', description: 'live, but never proven healthy' };
  if (outcome === 'restore-failed')
    return { state: 'error', description: `the way back failed: ${cause?.detail ?? 'unknown'}` };
  if (outcome === 'frozen')
    return {
      state: 'error',
      description: `live although it failed: ${cause?.detail ?? 'unknown'}`,
    };
  if (outcome === 'rolled-back' && cause?.blames === 'release')
    return { state: 'failure', description: `taken back: ${cause.detail}` };
  return {
    state: 'inactive',
    description: `${outcome}: ${cause?.detail ?? 'nothing was touched'}`,
  };
}
