import { makeContinueAsNewFunc, upsertMemo } from '@temporalio/workflow';
import { messages, reportMemoKey, requestMemoKey } from '../domain/deploy/wire.ts';
import type { DeployReport } from '../domain/deploy/plan.ts';
import { requestAttributes } from '../domain/contract/request-attributes.ts';
import type { deploy } from './deploy.ts';
import type { recover } from './records/recover.ts';
import type { Rollout } from './rollout.ts';

/**
 * Gives the lock to the next request, if a request waits. This run ends, and the next run begins
 * under the same workflow id. Temporal does both in one step, so a crash cannot free the lock. The
 * memo of this run keeps its report.
 */
export async function handOver(rollout: Rollout, report: DeployReport): Promise<void> {
  await rollout.answered();
  const { lock } = rollout;
  const next = lock.next();
  if (!next) return;
  upsertMemo({ [reportMemoKey]: { ...report, ...heirOf(lock) } });
  const { signed, waiting } = next;
  const begin = makeContinueAsNewFunc<typeof deploy>({
    memo: { [requestMemoKey]: signed.request.nonce },
    typedSearchAttributes: requestAttributes(signed.request),
  });
  await begin(signed, waiting);
}

/**
 * Ends this run and starts the recovery of the deploy in one step. The recovery gets the lock, which
 * is the workflow id.
 */
export async function becomeRecovery(deployId: string): Promise<never> {
  const begin = makeContinueAsNewFunc<typeof recover>({ workflowType: messages.recover });
  return await begin({ deployId });
}

function heirOf({ successor }: Rollout['lock']): Pick<DeployReport, 'replacedBy'> {
  if (!successor) return {};
  const { deployId, requestedBy, sha } = successor.claim;
  return { replacedBy: { deployId, requestedBy, sha } };
}
