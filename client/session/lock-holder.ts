import { mayHoldLock } from '../../domain/rollback/squatted-lock.ts';
import { squattedText, unattendedText } from '../../domain/messages/squatted-lock.ts';
import { UserError } from '../errors.ts';
import type { Session } from './connect.ts';
import type { DeploySnapshot } from './read-deploy.ts';
import { isPolled } from './registry.ts';

/**
 * Throws a UserError (exit 1) if the workflow that holds the lock is neither a deploy nor a recovery.
 * Such a workflow processes no command.
 */
export function refuseIfSquatted({ place, runId, holder, running }: DeploySnapshot) {
  if (running && holder && !mayHoldLock(holder.type))
    throw new UserError(squattedText(place, runId, holder));
}

/**
 * Returns a text if no worker polls the queue of the open deploy, and the newest worker has another
 * queue. Otherwise, returns null.
 */
export async function unattended(
  session: Session,
  { place, runId, holder, running, status }: DeploySnapshot,
): Promise<string | null> {
  if (!running || !holder || status !== null) return null;
  const queue = (await session.registry())?.taskQueue;
  if (queue === undefined || queue === holder.taskQueue) return null;
  if (await isPolled(session, holder.taskQueue)) return null;
  return unattendedText(place, runId, { ...holder, queue });
}
