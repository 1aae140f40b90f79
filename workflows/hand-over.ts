import { makeContinueAsNewFunc, upsertMemo } from '@temporalio/workflow';
import { reportMemoKey, requestMemoKey, searchAttributes } from '../domain/messages.ts';
import type { DeployReport } from '../domain/plan.ts';
import type { SignedRequest } from '../domain/schema.ts';
import type { deploy } from './deploy.ts';
import type { Rollout } from './rollout.ts';

/**
 * The slot goes to whoever asked for it, in one step that no crash can halve: this run ends and the next begins
 * under the same id. Its report stays in the memo. Returns where nobody asks.
 */
export async function handOver(rollout: Rollout, report: DeployReport): Promise<void> {
  await rollout.answered();
  const { slot, status } = rollout;
  const next = slot.next();
  if (!next) return;
  upsertMemo({ [reportMemoKey]: { ...report, ...heirOf(slot) } });
  const { project, environment } = status;
  const { requestedBy, nonce } = next.signed.request;
  const keyword = (name: string, value: string) =>
    ({ key: { name, type: 'KEYWORD' }, value }) as const;
  const begin = makeContinueAsNewFunc<typeof deploy>({
    memo: { [requestMemoKey]: nonce },
    typedSearchAttributes: [
      keyword(searchAttributes.project, project),
      keyword(searchAttributes.environment, environment),
      keyword(searchAttributes.requester, String(requestedBy)),
      keyword(searchAttributes.phase, 'planning'),
    ],
  });
  await begin(next.signed as SignedRequest, next.waiting);
}

function heirOf({ successor }: Rollout['slot']): Pick<DeployReport, 'replacedBy'> {
  if (!successor) return {};
  const { deployId, requestedBy, sha } = successor.claim;
  return { replacedBy: { deployId, requestedBy, sha } };
}
