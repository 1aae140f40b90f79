import { ParentClosePolicy, setCurrentDetails, startChild } from '@temporalio/workflow';
import type { AftermathInput } from '../domain/activities.ts';
import type { AftermathReport, Diagnosis } from '../domain/plan.ts';
import { plimsoll } from '../domain/messages.ts';
import { consequences } from '../domain/policy/incident.ts';
import { refOf } from '../domain/plan.ts';
import { sentence } from './closed.ts';
import { checking, mending, recording, telling } from './proxies.ts';

/** Own workflow, so that it does not hold the slot: the next deploy may start while GitHub is down. */
export function startAftermath(input: AftermathInput) {
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
  await recording.append({
    ...entry,
    kind: 'closed',
    key: `${deployId}/closed`,
    body: { outcome, reasons: [cause.detail], sha: plan.sha, release: plan.release },
  });
  const diagnosis = await diagnose(input);
  await recording.append({
    ...entry,
    kind: 'incident',
    key: `${deployId}/incident`,
    body: {
      incident,
      severity: effect.severity,
      cause,
      diagnosis,
      sha: plan.sha,
      restored: input.restored,
    },
  });
  if (effect.quarantine) {
    const body = { sha: plan.sha, release: plan.release, why: cause.detail };
    await recording.append({ ...entry, kind: 'quarantine', key: `${deployId}/quarantine`, body });
  }
  const reverted = await revert(input, effect.revert, effect.why);
  await recording.append({ ...entry, kind: 'revert', key: `${deployId}/revert`, body: reverted });
  const report: AftermathReport = {
    deployId,
    incident,
    revertSha: reverted.sha,
    revertNote: reverted.note,
    quarantined: effect.quarantine,
    diagnosis,
  };
  await tell(input, report);
  return report;
}

/** Best effort: a host that does not answer must not keep the revert waiting. */
async function diagnose({ plan, cause }: AftermathInput): Promise<Diagnosis> {
  try {
    return await checking.diagnose({ plan, cause });
  } catch (failure) {
    return { cause: 'unknown', evidence: [`no diagnosis: ${sentence(failure)}`] };
  }
}

async function revert({ plan, restored, cause }: AftermathInput, wanted: boolean, why: string) {
  if (!wanted || !restored) return { sha: null, note: why };
  try {
    return await mending.revertMain({ plan, restored, cause });
  } catch (failure) {
    return { sha: null, note: `a person must revert ${plan.branch}: ${sentence(failure)}` };
  }
}

async function tell({ plan, cause, outcome }: AftermathInput, report: AftermathReport) {
  const text = [
    `${plan.project} ${plan.environment} ${plan.sha.slice(0, 7)} ended ${outcome}: ${cause.detail}`,
    `Cause: ${report.diagnosis?.cause ?? 'unknown'}. ${plan.branch}: ${report.revertNote}`,
    `See it all: ${plimsoll} history ${plan.project} ${plan.environment}`,
  ].join('\n');
  setCurrentDetails(text);
  if (!plan.slack) return;
  const note = {
    deploy: refOf(plan),
    step: 'incident',
    channel: plan.slack.incidents,
    text,
    parent: false,
  };
  try {
    await telling.say(note);
  } catch (failure) {
    setCurrentDetails(`${text}\nSlack was not told: ${sentence(failure)}`);
  }
}
