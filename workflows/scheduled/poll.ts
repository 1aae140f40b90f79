import {
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
} from '@temporalio/workflow';

import type { BranchSnapshot, Place } from '../../domain/contract/activities.ts';
import { deployId } from '../../domain/deploy/wire.ts';
import type { PollReport } from '../../domain/deploy/plan.ts';
import { judgeEarly, judgePush } from '../../domain/queue/push.ts';
import { pushAsked, pushStarted, pushWaitsNote } from '../../domain/messages/push.ts';
import { requestAttributes } from '../../domain/contract/request-attributes.ts';
import { requestDetails, requestSummary } from '../../domain/messages/request.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import { isFinal, sentence } from '../closed.ts';
import { deploy } from '../deploy.ts';
import { supersede } from '../messages.ts';
import { checking, intending, notifying, weighing } from '../proxies.ts';

/**
 * Starts a deploy if the branch has moved. A schedule starts this short workflow again and again.
 * Two runs for the same project and environment never overlap.
 */
export async function poll(place: Place): Promise<PollReport> {
  const snapshot = await weighing.readBranch(place);
  const report = await follow(place, snapshot);
  setCurrentDetails(`${report.did}: ${report.why}`);
  return report;
}

async function follow(place: Place, snapshot: BranchSnapshot): Promise<PollReport> {
  const { head, subject } = snapshot;
  const { verdict, why } = judgePush(snapshot);
  if (verdict === 'waits') return await waits(place, snapshot, why);
  if (verdict === 'nothing' || !head || !subject) return { head, did: 'nothing', why };
  const early = judgeEarly(await earlyGates(snapshot, subject));
  // CI notifies the author about a failed check, so Plimsoll notifies nobody.
  if (early !== null) return { head, did: 'waits', why: early };
  try {
    const signed = await weighing.signPush({ ...place, sha: head });
    return { head, ...(await begin(place, signed)) };
  } catch (failure) {
    if (!isFinal(failure)) throw failure;
    return await waits(place, snapshot, sentence(failure));
  }
}

function earlyGates({ after }: BranchSnapshot, plan: NonNullable<BranchSnapshot['subject']>) {
  const tests = checking.checkTests({ plan });
  return Promise.all([tests, ...(after === null ? [] : [checking.checkPrevious({ plan, after })])]);
}

/**
 * Starts the deploy. Its workflow id is the lock. If another deploy holds the lock, that deploy
 * rules on the request and records the ruling.
 */
async function begin(
  { project, environment }: Place,
  signed: SignedRequest,
): Promise<Pick<PollReport, 'did' | 'why'>> {
  const workflowId = deployId(project, environment);
  const { request } = signed;
  try {
    await startChild(deploy, {
      args: [signed],
      workflowId,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: requestSummary(request),
      staticDetails: requestDetails(request),
      typedSearchAttributes: requestAttributes(request),
    });
    return { did: 'started', why: pushStarted(workflowId, request.ref) };
  } catch (failure) {
    if ((failure as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw failure;
    await getExternalWorkflowHandle(workflowId).signal(supersede, signed);
    return { did: 'asked', why: pushAsked(workflowId) };
  }
}

/**
 * Notifies people why the push waits, once for each reason. The reason of the last notification is
 * in the ledger.
 */
async function waits(place: Place, snapshot: BranchSnapshot, why: string): Promise<PollReport> {
  const { head, notified, channel } = snapshot;
  const report = { head, did: 'waits', why } as const;
  if (notified === why) return report;
  const { project, environment } = place;
  const sha = head ?? '0'.repeat(40);
  const deploy = { deployId: `push-${sha.slice(0, 12)}`, project, environment, sha };
  if (channel) await notify({ deploy, channel, text: pushWaitsNote(place, snapshot, why) });
  const body = { verdict: 'waits', sha: head, why };
  const key = `push/${project}/${environment}/${sha}/${new Date().toISOString()}`;
  await intending.append({ kind: 'request', key, deployId: null, project, environment, body });
  return report;
}

type WaitNote = Pick<Parameters<typeof notifying.notify>[0], 'deploy' | 'channel' | 'text'>;

/**
 * Sends the note to Slack. A failure is ignored, because the reason is also in the Web UI and in
 * the ledger.
 */
async function notify(note: WaitNote) {
  await notifying.notify({ ...note, step: 'push-waits', parent: false }).catch(() => false);
}
