import { messages } from '../deploy/wire.ts';
import { noDeploy, unknownRun } from '../messages/parts/squatted-lock.ts';

/**
 * An open workflow whose id is the id of a place's deploys. This workflow holds the lock of the
 * place.
 */
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
  /**
   * True if a deploy of this place has begun and is not closed. The holder of the lock may be the
   * recovery of this deploy.
   */
  unclosed: boolean;
};

/**
 * The longest time until the ledger contains a deploy. Usually this takes a second, but an outage
 * of git or of a host may delay it.
 */
const recordedWithinMs = 15 * 60_000;

/** Returns true if workflows of this type may hold a lock. */
export const mayHoldLock = (type: string) =>
  [messages.deploy, messages.recover, messages.rollBackAgain, messages.lateRollback].some(
    (one) => one === type,
  );

/**
 * Returns the reason why the holder is not a deploy of this installation; null: the holder may be a
 * deploy. A run in the ledger is always a deploy, because it may have changed production.
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
