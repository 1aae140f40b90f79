import { readMemo } from '../../activities/lib/memo.ts';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { DeployEnd, TaskEnd } from '../../domain/contract/session.ts';
import { doesNotContinue } from '../../domain/deploy/failing-tasks.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import type { DeploySnapshot, Place } from '../../domain/deploy/snapshot.ts';
import {
  planMemoKey,
  reportMemoKey,
  requestMemoKey,
  searchAttributes,
} from '../../domain/deploy/wire.ts';
import { readFailingTasks } from '../failing-tasks/read.ts';

/** Reads the facts about a deploy from the server. Needs no worker. */
export function fromDescription(
  place: Place,
  description: WorkflowExecutionDescription,
): Omit<DeploySnapshot, 'status' | 'failing'> {
  const { runId, status, startTime, closeTime, memo, raw, type, taskQueue } = description;
  const attributes = description.searchAttributes as Record<string, unknown[] | undefined>;
  const text = (name: string) => {
    const value = attributes[name]?.[0];
    return typeof value === 'string' ? value : null;
  };
  return {
    place,
    runId,
    holder: { type, taskQueue },
    running: status.name === 'RUNNING',
    state: status.name,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    requester: text(searchAttributes.requester),
    phase: text(searchAttributes.phase),
    sealed: readMemo(memo?.[planMemoKey]),
    report: (memo?.[reportMemoKey] as DeployReport | undefined) ?? null,
    request: (memo?.[requestMemoKey] as string | undefined) ?? null,
    pending: (raw.pendingActivities ?? []).map(({ activityType, attempt, lastFailure }) => ({
      activity: activityType?.name ?? 'activity',
      attempt: Number(attempt ?? 1),
      failure: lastFailure?.message ?? null,
    })),
  };
}

/** Returns the reason why Plimsoll cannot continue the deploy, or null. */
export async function whyFailing(client: Client, description: WorkflowExecutionDescription) {
  const failing = await readFailingTasks(client, description);
  return failing && doesNotContinue(failing, new Date()) ? failing : null;
}

const noReason = 'no reason was given';

/** Returns how a deploy without a report ended. */
export function deployEndOf(cause: unknown): DeployEnd {
  const chain = causes(cause);
  const refused = chain.find(({ type }) => type === failures.refused);
  if (refused) return { ended: 'refused', why: refused.message };
  const { name, message: why } = chain.at(-1) ?? new Error(noReason);
  if (name === 'TerminatedFailure') return { ended: 'terminated', why };
  if (name === 'CancelledFailure') return { ended: 'cancelled', why };
  if (name === 'TimeoutFailure') return { ended: 'timed-out', why };
  return { ended: 'failed', why };
}

/** Returns how a task without a result ended. */
export function taskEndOf(cause: unknown): TaskEnd {
  const chain = causes(cause);
  const refused = chain.find(
    ({ type }) => type === failures.refused || type === failures.misconfigured,
  );
  if (refused) return { ended: 'refused', why: refused.message };
  return { ended: 'failed', why: chain.at(-1)?.message ?? noReason };
}

function causes(outermost: unknown): (Error & { type?: string | null })[] {
  const chain: Error[] = [];
  for (let at = outermost; at instanceof Error; at = at.cause) chain.push(at);
  return chain;
}
