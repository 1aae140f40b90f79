import {
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
} from '@temporalio/workflow';

import type { BranchLook, Place } from '../domain/activities.ts';
import { deployId } from '../domain/messages.ts';
import type { PollReport } from '../domain/plan.ts';
import { judgeEarly, judgePush, pushWaitsNote } from '../domain/policy/push.ts';
import {
  requestAttributes,
  requestDetails,
  requestSummary,
} from '../domain/policy/request-words.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { isFinal, sentence } from './closed.ts';
import { deploy } from './deploy.ts';
import { supersede } from './messages.ts';
import { checking, intending, telling, weighing } from './proxies.ts';

/** Has the branch moved? Short: a schedule begins it again and again, and no two of one place run at once. */
export async function poll(place: Place): Promise<PollReport> {
  const look = await weighing.lookAtBranch(place);
  const report = await follow(place, look);
  setCurrentDetails(`${report.did}: ${report.why}`);
  return report;
}

async function follow(place: Place, look: BranchLook): Promise<PollReport> {
  const { head, subject } = look;
  const { verdict, why } = judgePush(look);
  if (verdict === 'waits') return await waits(place, look, why);
  if (verdict === 'nothing' || !head || !subject) return { head, did: 'nothing', why };
  const early = judgeEarly(await earlyGates(look, subject));
  // CI itself tells the author of a red check.
  if (early !== null) return { head, did: 'waits', why: early };
  try {
    const signed = await weighing.signPush({ ...place, sha: head });
    return { head, ...(await begin(place, signed)) };
  } catch (failure) {
    if (!isFinal(failure)) throw failure;
    return await waits(place, look, sentence(failure));
  }
}

function earlyGates({ after }: BranchLook, plan: NonNullable<BranchLook['subject']>) {
  const tests = checking.checkTests({ plan });
  return Promise.all([tests, ...(after === null ? [] : [checking.checkPrevious({ plan, after })])]);
}

/** The id is the lock: where a deploy is open, it decides whether it gives way, and records that. */
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
    return { did: 'started', why: `${workflowId} ships ${request.ref.slice(0, 7)}` };
  } catch (failure) {
    if ((failure as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw failure;
    await getExternalWorkflowHandle(workflowId).signal(supersede, signed);
    return { did: 'asked', why: `${workflowId} is open, and decides whether it gives way` };
  }
}

/** Told once for each reason: the ledger knows what was told last. */
async function waits(place: Place, look: BranchLook, why: string): Promise<PollReport> {
  const { head, told, channel } = look;
  const report = { head, did: 'waits', why } as const;
  if (told === why) return report;
  const { project, environment } = place;
  const sha = head ?? '0'.repeat(40);
  const deploy = { deployId: `push-${sha.slice(0, 12)}`, project, environment, sha };
  if (channel) await tell({ deploy, channel, text: pushWaitsNote(place, look, why) });
  const body = { verdict: 'waits', sha: head, why };
  const key = `push/${project}/${environment}/${sha}/${new Date().toISOString()}`;
  await intending.append({ kind: 'request', key, deployId: null, project, environment, body });
  return report;
}

type Told = Pick<Parameters<typeof telling.say>[0], 'deploy' | 'channel' | 'text'>;

/** Advisory; the Web UI and the ledger have it too. */
async function tell(note: Told) {
  await telling.say({ ...note, step: 'push-waits', parent: false }).catch(() => false);
}
