import type { Task, TaskRef } from '../../domain/contract/session.ts';
import type { SealedPlan } from '../../domain/deploy/plan.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

/**
 * The time limit in milliseconds. A task takes at most 10 min. The limit is a little longer, so
 * that the server can report the end of the task.
 */
const limitMs = 10 * 60_000 + 5_000;

/**
 * Runs a short workflow on a worker and returns its result. Throws a UserError if the worker
 * refused or failed.
 */
export async function runTask<T>(session: Session, taskQueue: string, task: Task): Promise<T> {
  const ref = await session.begin(taskQueue, task);
  const end = await session.taskEnd(ref, limitMs);
  if (end === null) throw noAnswer('no answer', ref);
  if ('result' in end) return end.result as T;
  if (end.ended === 'refused') throw new UserError(end.why, exitCodes.usage);
  throw noAnswer(end.why, ref);
}

const noAnswer = (why: string, { workflowId }: TaskRef) =>
  new UserError(
    `The worker could not answer: ${why}\nSee the workflow ${workflowId} in the Web UI.`,
  );

export const runPlan = (session: Session, taskQueue: string, signed: SignedRequest) =>
  runTask<SealedPlan>(session, taskQueue, { task: 'plan', input: signed });
