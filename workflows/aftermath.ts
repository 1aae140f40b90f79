import { log, ParentClosePolicy, setCurrentDetails, startChild } from '@temporalio/workflow';
import type { AftermathInput, Page, Reverted } from '../domain/activities.ts';
import type { AftermathReport, DeployStatus, Diagnosis, Plan } from '../domain/plan.ts';
import { plimsoll } from '../domain/messages.ts';
import { consequences, quarantineBody, reopensIssues } from '../domain/policy/incident.ts';
import { failedRestorePage, incidentPage, revertPage } from '../domain/policy/page.ts';
import { postMortem } from '../domain/policy/post-mortem.ts';
import { refOf } from '../domain/plan.ts';
import { sentence } from './closed.ts';

import { checking, mending, paging, recording, telling } from './proxies.ts';

/** Own workflow, so that it does not hold the slot: the next deploy may start while GitHub is down. */
export function startAftermath(
  { timeline = [] }: Pick<DeployStatus, 'timeline'>,
  ended: Omit<AftermathInput, 'timeline' | 'restored'>,
) {
  const restored = ended.outcome === 'frozen' ? null : ended.plan.restoreTo;
  const input = { ...ended, restored, timeline };
  return startChild(aftermath, {
    args: [input],
    workflowId: `aftermath/${input.plan.deployId}`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `what follows the way back of ${input.plan.project} ${input.plan.environment}`,
  });
}

/** incident → diagnosis → revert of main → quarantine → Slack, each recorded, whichever of them fails. */
export async function aftermath(input: AftermathInput): Promise<AftermathReport> {
  const { plan, cause, outcome } = input;
  const { deployId, project, environment } = plan;
  const effect = consequences(input);
  const entry = { deployId, project, environment };
  const incident = `incident-${deployId}`;
  const called = call(needsPerson(input));
  await recording.append({
    ...entry,
    kind: 'closed',
    key: `${deployId}/closed`,
    body: { outcome, reasons: [cause.detail], sha: plan.sha, release: plan.release },
  });
  const diagnosis = await diagnose(input);
  const at = new Date().toISOString();
  const draft = postMortem({ ...input, severity: effect.severity, diagnosis, at });
  await recording.append({
    ...entry,
    kind: 'incident',
    key: `${deployId}/incident`,
    body: { ...draft, cause, diagnosis, sha: plan.sha, restored: input.restored },
  });
  if (effect.quarantine) {
    const body = quarantineBody(plan, input.restored, cause.detail);
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
  // Never behind Slack: an outage there must not keep a person asleep.
  const asked = call(missing ? revertPage(plan, reverted.note) : null);
  const { text, unheard } = await tell(input, report);
  const silent = unheard && !missing && !isKnown(input);
  const instead = call(silent ? incidentPage(plan, text) : null);
  const reopened = await reopen(input, text);
  await Promise.all([called, asked, instead]);
  return { ...report, reopened };
}

/** A deploy that was lost is called out by its recovery. */
const needsPerson = ({ plan, cause, outcome }: AftermathInput) =>
  outcome === 'restore-failed' && cause.kind !== 'terminated'
    ? failedRestorePage(plan, cause)
    : null;

/** Whoever ordered it knows; a failed way back, and a deploy that was lost, are called out already. */
const isKnown = ({ cause, outcome }: AftermathInput) =>
  outcome === 'restore-failed' || outcome === 'frozen' || cause.blames === 'person';

/** Beside everything else: neither waits for the other. */
async function call(page: Page | null) {
  if (!page) return;
  try {
    await paging.page(page);
  } catch (failure) {
    log.error('NOBODY COULD BE CALLED', { page: page.title, failure: String(failure) });
  }
}

/** Best effort: a host that does not answer must not keep the revert waiting. */
async function diagnose({ plan, cause }: AftermathInput): Promise<Diagnosis> {
  try {
    return await checking.diagnose({ plan, cause });
  } catch (failure) {
    return { cause: 'unknown', evidence: [`no diagnosis: ${sentence(failure)}`] };
  }
}

async function revert(
  { plan, restored, cause }: AftermathInput,
  wanted: boolean,
  why: string,
): Promise<Reverted> {
  if (!wanted || !restored) return { sha: null, note: why };
  try {
    return await mending.revertMain({ plan, restored, cause });
  } catch (failure) {
    return { sha: null, note: `a person must revert ${plan.branch}: ${sentence(failure)}` };
  }
}

/** After people were told: GitHub may be down for hours. */
async function reopen(input: AftermathInput, told: string): Promise<number[]> {
  const { plan, restored } = input;
  if (!restored || !reopensIssues(input)) return [];
  try {
    return (await mending.reopenIssues({ plan, restored })).reopened;
  } catch (failure) {
    const text = `Left to do, issues were not reopened: ${sentence(failure)}`;
    setCurrentDetails(`${told}\n${text}`);
    await say(plan, 'issues', text);
    return [];
  }
}

/** `unheard`: Slack was not told. */
async function tell({ plan, cause, outcome }: AftermathInput, report: AftermathReport) {
  const text = [
    `${plan.project} ${plan.environment} ${plan.sha.slice(0, 7)} ended ${outcome}: ${cause.detail}`,
    `Cause: ${report.diagnosis?.cause ?? 'unknown'}. ${plan.branch}: ${report.revertNote}`,
    `Post-mortem draft, due in 24 h: ${plimsoll} incidents incident-${plan.deployId}`,
  ].join('\n');
  setCurrentDetails(text);
  const failure = await say(plan, 'incident', text);
  if (failure) setCurrentDetails(`${text}\nSlack was not told: ${failure}`);
  return { text, unheard: failure !== null };
}

/** Answers why it could not be said. */
async function say(plan: Plan, step: string, text: string): Promise<string | null> {
  const channel = plan.slack?.incidents;
  if (!channel) return null;
  try {
    await telling.say({ deploy: refOf(plan), step, channel, text, parent: false });
    return null;
  } catch (failure) {
    return sentence(failure);
  }
}
