import { messages } from '../../domain/deploy/wire.ts';
import { planSummary } from '../../domain/messages/request.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

/**
 * Runs a short workflow on a worker and returns its result. Throws a UserError if the worker
 * refused or failed.
 */
export async function runReadOnly<T>(
  { client, within }: Session,
  what: { type: string; taskQueue: string; workflowId: string; input: unknown; summary: string },
): Promise<T> {
  const { type, taskQueue, workflowId, input, summary } = what;
  const minutes = 10;
  const handle = await within(() =>
    client.workflow.start(type, {
      taskQueue,
      workflowId,
      args: [input],
      workflowExecutionTimeout: `${minutes} minutes`,
      staticSummary: summary,
    }),
  );
  try {
    return (await within(() => handle.result(), minutes * 60_000 + 5_000)) as T;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowFailedError')
      throw refused(cause.cause, workflowId);
    throw cause;
  }
}

export const runPlan = (session: Session, taskQueue: string, signed: SignedRequest) =>
  runReadOnly<SealedPlan>(session, {
    type: messages.plan,
    taskQueue,
    workflowId: `plan/${signed.request.project}/${signed.request.environment}/${signed.request.nonce}`,
    input: signed,
    summary: planSummary(signed.request),
  });

function refused(outermost: unknown, workflowId: string): UserError {
  const chain: (Error & { type?: string | null })[] = [];
  for (let at = outermost; at instanceof Error; at = at.cause) chain.push(at);
  const ownError = chain.find(
    ({ type }) => type === failures.refused || type === failures.misconfigured,
  );
  if (ownError) return new UserError(ownError.message, exitCodes.usage);
  const why = chain.at(-1)?.message ?? 'no reason was given';
  return new UserError(
    `The worker could not answer: ${why}\nSee the workflow ${workflowId} in the Web UI.`,
  );
}
