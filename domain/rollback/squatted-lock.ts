import { messages } from '../deploy/wire.ts';
import { noDeploy, unknownRun } from '../messages/parts/squatted-lock.ts';

/** The open workflow that has the id of a place's deploys, and so holds the lock of the place. */
export type LockHolder = {
  runId: string;
  type: string;
  taskQueue: string;
  /** ISO time. */
  startedAt: string;
  /** True if this worker polls the queue. */
  own: boolean;
  /** True if any worker polled the queue in the last 90 seconds. */
  polled: boolean;
};

/** The facts that the ledger has about the place. */
export type LockRecord = {
  /** True if a deploy with the run of the holder was recorded. */
  known: boolean;
  /** True if a deploy of this place has begun and is not closed. A recovery may be its holder. */
  unclosed: boolean;
};

/**
 * A deploy is recorded about a second after it starts. An outage of git or of a host may delay this.
 */
const recordedWithinMs = 15 * 60_000;

/** True if workflows of this type may hold a lock. */
export const mayHoldLock = (type: string) =>
  [messages.deploy, messages.recover, messages.lateRollback].some((one) => one === type);

/**
 * Returns the reason why the holder is no deploy of this installation, or null. A run that the ledger
 * knows is never a squatter. Such a run may have changed production.
 */
export function whySquatted(
  holder: LockHolder,
  { known, unclosed }: LockRecord,
  now: number,
): string | null {
  if (known) return null;
  if (!mayHoldLock(holder.type)) return noDeploy(holder);
  if (holder.own) return null;
  if (!holder.polled) return unknownRun(holder);
  if (holder.type === messages.recover && unclosed) return null;
  return now - Date.parse(holder.startedAt) > recordedWithinMs ? unknownRun(holder) : null;
}
