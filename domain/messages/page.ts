import type { Page } from '../contract/activities.ts';
import { plimsoll } from '../deploy/wire.ts';
import { refOf } from '../deploy/plan.ts';
import type { Cause, DeployStatus, Outcome, Plan } from '../deploy/plan.ts';
import { floodNote, rollbackApprovalNote, questionNote, stuckNote } from './slack-notes.ts';
import type { SignalCount } from './slack-notes.ts';
import { short } from './parts/served.ts';

const where = ({ project, environment }: { project: string; environment: string }) =>
  `${project} ${environment}`;

/**
 * Returns the page about a step that waits for a person, because all its retries failed. The page
 * is urgent during a rollback. null: no step is stuck.
 */
export function stuckPage(status: DeployStatus, plan: Plan): Page | null {
  const { stuck, phase } = status;
  if (!stuck) return null;
  return {
    deploy: refOf(plan),
    step: `stuck/${stuck.since}`,
    title: `${where(plan)} is stuck${phase === 'rollback' ? ' during the rollback' : ''}`,
    text: `Live now: ${status.liveNow}\n${stuckNote(status)}`,
    priority: phase === 'rollback' ? 'urgent' : 'high',
  };
}

export const questionPage = (status: DeployStatus, plan: Plan, at: number): Page => ({
  deploy: refOf(plan),
  step: `ask/${at}`,
  title: `${where(plan)}: is ${short(plan.sha)} healthy?`,
  text: questionNote(status),
  priority: 'high',
});

/** Returns the page about a deploy that has used half of its history. */
export const floodPage = (status: DeployStatus, plan: Plan, signals: SignalCount): Page => ({
  deploy: refOf(plan),
  step: 'flood',
  title: `${where(plan)}: too many signals arrive`,
  text: floodNote(status, signals),
  priority: 'urgent',
});

export const rollbackApprovalPage = (status: DeployStatus, plan: Plan, at: number): Page => ({
  deploy: refOf(plan),
  step: `rollback-approval/${at}`,
  title: plan.late
    ? `${where(plan)}: a rollback waits for a signed decision`
    : `${where(plan)} FAILED and waits for a signed decision`,
  text: rollbackApprovalNote(status),
  priority: 'urgent',
});

/**
 * Returns the page after a failed rollback. The hosts may serve different releases, and Plimsoll
 * does not try again.
 */
export function failedRollbackPage(plan: Plan, cause: Cause): Page {
  const { rollbackTarget } = plan;
  const todo = rollbackTarget
    ? `Check every host now and make ${short(rollbackTarget.sha)} live by hand.`
    : 'This was the first release, so there is no rollback target. Fix production by hand, or ' +
      'deploy again.';
  return {
    deploy: refOf(plan),
    step: 'rollback-failed',
    title: rollbackTarget
      ? `${where(plan)}: THE ROLLBACK FAILED`
      : `${where(plan)}: the first release failed`,
    text: [
      `${short(plan.sha)} ended rollback-failed: ${cause.detail}`,
      todo,
      `What happened: ${plimsoll} incidents incident-${plan.deployId}`,
    ].join('\n'),
    priority: 'urgent',
  };
}

/**
 * Returns the page about a rollback that did not help. Either the rollback target fails as well, or
 * the proof found that it is not live any more.
 */
export const stillFailingPage = (plan: Plan, cause: Cause): Page => ({
  deploy: refOf(plan),
  step: 'rolled-back-still-failing',
  title: `${where(plan)}: ROLLED BACK; STILL FAILING`,
  text: [
    `Every host was rolled back to ${short(plan.rollbackTarget?.sha ?? '')}. ${cause.detail}`,
    'Find out why it fails now: damaged data, a dependency, or a process that was left behind.',
    `What happened: ${plimsoll} incidents incident-${plan.deployId}`,
  ].join('\n'),
  priority: 'urgent',
});

/** Returns the page after a deploy whose rollback nobody approved. Its release stays live. */
export const notApprovedPage = (plan: Plan, cause: Cause): Page => ({
  deploy: refOf(plan),
  step: 'rollback-not-approved',
  title: `${where(plan)} FAILED and stays live`,
  text: [
    `Nobody approved the rollback of ${short(plan.sha)}, so this release is still live. ${cause.detail}`,
    'Deploy a commit that fixes the problem, or roll back by hand.',
    `What happened: ${plimsoll} incidents incident-${plan.deployId}`,
  ].join('\n'),
  priority: 'urgent',
});

/**
 * Returns the page about the end of a deploy after its rollback phase. null: the rollback is
 * proven, so nobody has to act.
 */
export function pageForEnd(plan: Plan, { outcome, cause }: { outcome: Outcome; cause: Cause }) {
  if (outcome === 'rolled-back-still-failing') return stillFailingPage(plan, cause);
  if (outcome === 'rollback-failed') return failedRollbackPage(plan, cause);
  return outcome === 'rollback-not-approved' ? notApprovedPage(plan, cause) : null;
}

/** Returns the page about a deploy that ended in a way that the worker could not prove. */
export const doubtfulEndPage = (plan: Plan, outcome: Outcome, why: string): Page => ({
  deploy: refOf(plan),
  step: 'doubtful-end',
  title: `${where(plan)}: check what is live`,
  text: [
    `The deploy of ${short(plan.sha)} ended as ${outcome}, but this is not proven: ${why}.`,
    `Check every host now. ${short(plan.rollbackTarget?.sha ?? plan.sha)} was live before.`,
    `See the record: ${plimsoll} history ${where(plan)}`,
  ].join('\n'),
  priority: 'urgent',
});

export const revertPage = (plan: Plan, note: string): Page => ({
  deploy: refOf(plan),
  step: 'revert',
  title: `${where(plan)}: a person must revert ${plan.branch}`,
  text:
    `Production serves ${short(plan.rollbackTarget?.sha ?? '')} again, but ${plan.branch} still ` +
    `contains ${short(plan.sha)}: the next deploy would release it again.\n` +
    `${note}`,
  priority: 'high',
});

/**
 * Returns the page that is sent if Slack could not be reached after a rollback. Without this page,
 * people would not know about the rollback.
 */
export const incidentPage = (plan: Plan, text: string): Page => ({
  deploy: refOf(plan),
  step: 'incident',
  title: `${where(plan)} was rolled back`,
  text: `${text}\nSlack does not answer, so this message is sent as a page.`,
  priority: 'high',
});

/** Returns the page about a deploy that stopped without an outcome, and about its recovery. */
export function lostPage(
  lost: { deployId: string; project: string; environment: string; sha: string; how: string },
  outcome: Outcome,
  detail: string,
): Page {
  const ends: Partial<Record<Outcome, string>> = {
    'rolled-back': 'rolled back, proven on every host',
    aborted: 'every host serves the previous release',
  };
  const end =
    ends[outcome] ??
    (outcome === 'rolled-back-still-failing'
      ? 'ROLLED BACK; STILL FAILING'
      : 'production needs a person NOW');
  return {
    deploy: lost,
    step: `lost/${outcome}`,
    title: `${where(lost)} ${lost.how}: ${end}`,
    text: [
      `The deploy of ${short(lost.sha)} ${lost.how} without a rollback.`,
      `Reconciled as ${outcome}: ${detail}`,
      `See the record: ${plimsoll} history ${where(lost)}`,
    ].join('\n'),
    priority: ends[outcome] ? 'high' : 'urgent',
  };
}
