import { log, ParentClosePolicy, setCurrentDetails, startChild } from '@temporalio/workflow';
import type { EndedDeploy, Page, Reverted, SealedEnd } from '../domain/contract/activities.ts';
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
import { pageForEnd, incidentPage, revertPage } from '../domain/messages/page.ts';
import { postMortem } from '../domain/messages/post-mortem.ts';
import { refOf } from '../domain/deploy/plan.ts';
import { sentence } from './closed.ts';

import { checking, closing, mending, paging, recording, notifying } from './proxies.ts';

/**
 * Starts the aftermath as its own workflow. The aftermath does not hold the lock, so the next
 * deploy may start while GitHub is down.
 */
export async function startAftermath(
  { timeline = [], proof }: Pick<DeployStatus, 'timeline' | 'proof'>,
  { plan, outcome, cause }: Pick<EndedDeploy, 'plan' | 'outcome' | 'cause'>,
) {
  const { deployId } = plan;
  const end = await recording.sealEnd({ plan, outcome, cause, timeline, proof: proof ?? null });
  return await startChild(aftermath, {
    args: [{ deployId, end }],
    workflowId: `aftermath/${deployId}`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: aftermathSummary(plan),
  });
}

/**
 * Runs after the rollback phase, also if the rollback failed or was not approved. The ledger has
 * the plan and the end of the deploy. If the ledger has no end yet, the sealed end of the input is
 * recorded. The steps are: end → diagnosis → incident → quarantine → revert of the branch → Slack →
 * issues. If a step fails, the later steps still run. Only a failure of the ledger ends the
 * workflow.
 */
export async function aftermath({
  deployId,
  end,
}: {
  deployId: string;
  end: SealedEnd;
}): Promise<AftermathReport> {
  const input = await closing.closeAfterRollback({ deployId, end });
  const { plan, cause } = input;
  const { project, environment } = plan;
  const effect = consequences(input);
  const entry = { deployId, project, environment, warrant: plan.warrant };
  const incident = `incident-${deployId}`;
  const called = call(needsPerson(input));
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
  // Asks a person to finish the revert, before anything is posted in Slack. An outage of Slack must
  // not delay this page.
  const asked = call(missing ? revertPage(plan, reverted.note) : null);
  const { text, unheard } = await tell(input, report);
  const silent = unheard && !missing && !isKnown(input);
  const instead = call(silent ? incidentPage(plan, text) : null);
  const reopened = await reopen(input, text);
  await Promise.all([called, asked, instead]);
  return { ...report, reopened };
}

/**
 * Returns the page about a rollback that failed, did not help or was not approved. Returns null if
 * no page is needed. No page is needed if a worker has already paged people, or if the recovery
 * pages them.
 */
const needsPerson = ({ plan, cause, outcome, paged }: EndedDeploy): Page | null =>
  paged || cause.kind === 'terminated' ? null : pageForEnd(plan, { outcome, cause });

/**
 * Returns true if people already know about the incident, because a person ordered the rollback, or
 * because people were paged. People are paged if the rollback failed, did not help or was not
 * approved.
 */
const isKnown = ({ cause, outcome }: EndedDeploy) =>
  outcome === 'rollback-failed' ||
  outcome === 'rolled-back-still-failing' ||
  outcome === 'rollback-not-approved' ||
  cause.blames === 'person';

/**
 * Sends the page. Does nothing if `page` is null. If the page cannot be sent, writes the failure to
 * the log.
 */
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
async function diagnose({ plan, cause }: EndedDeploy): Promise<Diagnosis> {
  try {
    return await checking.diagnose({ plan, cause });
  } catch (failure) {
    return { cause: 'unknown', evidence: [noDiagnosis(sentence(failure))] };
  }
}

async function revert(
  { plan, rolledBackTo, cause }: EndedDeploy,
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
async function reopen(input: EndedDeploy, shown: string): Promise<number[]> {
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
 * Posts the report in the incident channel. In the result, `unheard` is true if Slack did not
 * accept the report.
 */
async function tell(input: EndedDeploy, report: AftermathReport) {
  const text = aftermathNote(input, report);
  setCurrentDetails(text);
  const failure = await notify(input.plan, 'incident', text);
  if (failure) setCurrentDetails(slackNotNotified(text, failure));
  return { text, unheard: failure !== null };
}

/**
 * Posts one message. Returns the reason if Slack did not accept the message. Otherwise, returns
 * null.
 */
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
