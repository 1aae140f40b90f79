import { makeContinueAsNewFunc, upsertMemo } from '@temporalio/workflow';
import { reportMemoKey, requestMemoKey } from '../domain/messages.ts';
import type { DeployReport } from '../domain/plan.ts';
import { requestAttributes } from '../domain/policy/request-words.ts';
import type { deploy } from './deploy.ts';
import type { Rollout } from './rollout.ts';

/**
 * The slot goes to whoever asked for it, in one step that no crash can halve: this run ends and the next begins
 * under the same id. Its report stays in the memo. Returns where nobody asks.
 */
export async function handOver(rollout: Rollout, report: DeployReport): Promise<void> {
  await rollout.answered();
  const { slot } = rollout;
  const next = slot.next();
  if (!next) return;
  upsertMemo({ [reportMemoKey]: { ...report, ...heirOf(slot) } });
  const { signed, waiting } = next;
  const begin = makeContinueAsNewFunc<typeof deploy>({
    memo: { [requestMemoKey]: signed.request.nonce },
    typedSearchAttributes: requestAttributes(signed.request),
  });
  await begin(signed, waiting);
}

function heirOf({ successor }: Rollout['slot']): Pick<DeployReport, 'replacedBy'> {
  if (!successor) return {};
  const { deployId, requestedBy, sha } = successor.claim;
  return { replacedBy: { deployId, requestedBy, sha } };
}
