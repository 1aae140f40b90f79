import { log, ParentClosePolicy, setCurrentDetails, startChild } from '@temporalio/workflow';
import type { AftermathInput, Page, Reverted } from '../domain/contract/activities.ts';
import type { AftermathReport, DeployStatus, Diagnosis, Plan } from '../domain/deploy/plan.ts';
import {
  aftermathNote,
  aftermathSummary,
  issuesLeft,
  mustRevert,
  noDiagnosis,
  slackNotNotified,
} from '../domain/messages/aftermath.ts';
import { consequences, quarantineBody, reopensIssues } from '../domain/incident/incident.ts';
import {
  failedRollbackPage,
  incidentPage,
  revertPage,
  stillFailingPage,
} from '../domain/messages/page.ts';
import { postMortem } from '../domain/messages/post-mortem.ts';
import { refOf } from '../domain/deploy/plan.ts';
import { sentence } from './closed.ts';

import { checking, mending, paging, recording, notifying } from './proxies.ts';

/**
 * Starts the aftermath as its own workflow. The aftermath does not hold the lock, so the next
 * deploy may start while GitHub is down.
 */
export async function startAftermath(
  { timeline = [] }: Pick<DeployStatus, 'timeline'>,
  ended: Omit<AftermathInput, 'timeline' | 'rolledBackTo' | 'sealedEnd'>,
) {
  const { plan, outcome, cause } = ended;
  const rolledBackTo = outcome === 'rollback-not-approved' ? null : plan.rollbackTarget;
  const { warrant } = plan;
  const { seal } = await recording.sealEnd({ deploy: refOf(plan), warrant, outcome, cause });
  const input = { ...ended, rolledBackTo, timeline, sealedEnd: seal };
  return await startChild(aftermath, {
    args: [input],
    workflowId: `aftermath/${input.plan.deployId}`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: aftermathSummary(input.plan),
  });
}

/**
 * Runs after the rollback phase, also if the rollback failed or was not approved. The steps are:
 * diagnosis → incident → quarantine → revert of the branch → Slack → issues. If a step fails, the
 * later steps still run. Only a failure of the ledger ends the workflow.
 */
export async function aftermath(input: AftermathInput): Promise<AftermathReport> {
  const { plan, cause, outcome } = input;
  const { deployId, project, environment } = plan;
  const effect = consequences(input);
  const entry = { deployId, project, environment, warrant: plan.warrant };
  const incident = `incident-${deployId}`;
  const called = call(needsPerson(input));
  await recording.append({
    ...entry,
    kind: 'closed',
    key: `${deployId}/closed`,
    body: { outcome, reasons: [cause.detail], sha: plan.sha, release: plan.release },
    sealedEnd: input.sealedEnd,
  });
  const diagnosis = await diagnose(input);
  const at = new Date().toISOString();
  const draft = postMortem({ ...input, severity: effect.severity, diagnosis, at });
  await recording.append({
    ...entry,
    kind: 'incident',
    key: `${deployId}/incident`,
    body: { ...draft, cause, diagnosis, sha: plan.sha, rolledBackTo: input.rolledBackTo },
  });
  if (effect.quarantine) {
    const body = quarantineBody(plan, input.rolledBackTo, cause.detail);
    await recording.append({ ...entry, kind: 'quarantine', key: `${deployId}/quarantine`, body });
  }
  const reverted = await revert(input, effect.revert, effect.why);
  await recording.append({ ...entry, kind: 'revert', key: `${deployId}/revert`, body: reverted });
  const report: AftermathReport = {
    deployId,
    incident,
    revertSha: reverted.sha,
    revertNote: reverted.note,
    ...(reverted.pull ? { pull: reverted.pull.url } : {}),
    quarantined: effect.quarantine,
    diagnosis,
  };
  const missing = effect.revert && !reverted.sha && !reverted.settled;
  // The page starts before the Slack message, because an outage of Slack must not delay the page.
  const asked = call(missing ? revertPage(plan, reverted.note) : null);
  const { text, unheard } = await tell(input, report);
  const silent = unheard && !missing && !isKnown(input);
  const instead = call(silent ? incidentPage(plan, text) : null);
  const reopened = await reopen(input, text);
  await Promise.all([called, asked, instead]);
  return { ...report, reopened };
}

/**
 * Returns the page about a rollback that failed or did not help; null: no page is needed. If the
 * deploy was terminated, its recovery sends the page.
 */
function needsPerson({ plan, cause, outcome }: AftermathInput): Page | null {
  if (cause.kind === 'terminated') return null;
  if (outcome === 'rolled-back-still-failing') return stillFailingPage(plan, cause);
  return outcome === 'rollback-failed' ? failedRollbackPage(plan, cause) : null;
}

/**
 * True if people already know about the incident: a person ordered the rollback, or people were
 * paged. People are paged if the rollback failed, did not help or was not approved.
 */
const isKnown = ({ cause, outcome }: AftermathInput) =>
  outcome === 'rollback-failed' ||
  outcome === 'rolled-back-still-failing' ||
  outcome === 'rollback-not-approved' ||
  cause.blames === 'person';

/** Sends the page, if there is one. A failure is only logged. */
async function call(page: Page | null) {
  if (!page) return;
  try {
    await paging.page(page);
  } catch (failure) {
    log.error('NOBODY COULD BE PAGED', { page: page.title, failure: String(failure) });
  }
}

/**
 * Returns the diagnosis. If the diagnosis fails, the cause is `unknown`, and the revert still runs.
 */
async function diagnose({ plan, cause }: AftermathInput): Promise<Diagnosis> {
  try {
    return await checking.diagnose({ plan, cause });
  } catch (failure) {
    return { cause: 'unknown', evidence: [noDiagnosis(sentence(failure))] };
  }
}

async function revert(
  { plan, rolledBackTo, cause }: AftermathInput,
  wanted: boolean,
  why: string,
): Promise<Reverted> {
  if (!wanted || !rolledBackTo) return { sha: null, note: why };
  try {
    return await mending.revertMain({ plan, rolledBackTo, cause });
  } catch (failure) {
    return { sha: null, note: mustRevert(plan, sentence(failure)) };
  }
}

/**
 * Reopens the issues that the release had closed, and returns their numbers. Call this after people
 * were notified, because GitHub may be down for hours.
 */
async function reopen(input: AftermathInput, shown: string): Promise<number[]> {
  const { plan, rolledBackTo } = input;
  if (!rolledBackTo || !reopensIssues(input)) return [];
  try {
    return (await mending.reopenIssues({ plan, rolledBackTo })).reopened;
  } catch (failure) {
    const text = issuesLeft(sentence(failure));
    setCurrentDetails(`${shown}\n${text}`);
    await notify(plan, 'issues', text);
    return [];
  }
}

/**
 * Posts the report in the incident channel. `unheard` of the result is true if Slack did not accept
 * the report.
 */
async function tell(input: AftermathInput, report: AftermathReport) {
  const text = aftermathNote(input, report);
  setCurrentDetails(text);
  const failure = await notify(input.plan, 'incident', text);
  if (failure) setCurrentDetails(slackNotNotified(text, failure));
  return { text, unheard: failure !== null };
}

/** Posts one message. Returns the reason if Slack did not accept the message, else null. */
async function notify(plan: Plan, step: string, text: string): Promise<string | null> {
  const channel = plan.slack?.incidents;
  if (!channel) return null;
  try {
    await notifying.notify({ deploy: refOf(plan), step, channel, text, parent: false });
    return null;
  } catch (failure) {
    return sentence(failure);
  }
}
