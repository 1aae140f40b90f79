import { AsyncLocalStorage } from 'node:async_hooks';
import { asyncLocalStorage as temporal } from '@temporalio/activity';
import { lateAttempt } from '../../domain/messages/late-attempt.ts';
import { clocks } from './clocks.ts';
import { transient } from './fail.ts';

/** Both clocks are read, because the monotonic clock stands still while a laptop sleeps. */
type Time = { wall: number; monotonic: number };
type Attempt = {
  /** Throws a transient failure if Temporal may have given up this attempt. */
  mustBeInTime(): void;
  /**
   * The checks that run right before every change. Each check throws if the change is not allowed
   * any more.
   */
  rechecks: (() => Promise<void>)[];
};

const attempts = new AsyncLocalStorage<Attempt>();
const everyMs = 500;

const read = (): Time => ({ wall: clocks.wall(), monotonic: clocks.monotonic() });
const since = (then: Time, now: Time) =>
  Math.max(now.wall - then.wall, now.monotonic - then.monotonic);

/** For this worker, an attempt ends this much earlier than for the Temporal server. */
const marginOf = (boundMs: number) => Math.min(5000, boundMs / 10);

/**
 * Runs the work of an effect. If the worker was paused, Temporal may have given up this attempt,
 * and the deploy may have been rolled back. Then this attempt sends no request, no script and no
 * push any more. An attempt is late after a pause of more than half of the heartbeat timeout,
 * because the last heartbeat may be older than the pause. An attempt that was late once stays late.
 */
export async function inAttempt<T>(work: () => Promise<T>): Promise<T> {
  if (attempts.getStore()) return await work();
  const { attempt, end } = begin();
  try {
    return await attempts.run(attempt, work);
  } finally {
    end();
  }
}

function begin() {
  const { startToCloseTimeoutMs = 0, heartbeatTimeoutMs = 0 } = temporal.getStore()?.info ?? {};
  const boundMs = startToCloseTimeoutMs > 0 ? startToCloseTimeoutMs : Infinity;
  const pauseMs = heartbeatTimeoutMs > 0 ? heartbeatTimeoutMs / 2 : Infinity;
  const startedAt = read();
  let seenAt = startedAt;
  let late: string | null = null;
  const look = () => {
    const now = read();
    const pausedMs = since(seenAt, now);
    const ranMs = since(startedAt, now);
    seenAt = now;
    if (pausedMs > pauseMs) late ??= lateAttempt.paused(pausedMs);
    if (ranMs > boundMs - marginOf(boundMs)) late ??= lateAttempt.tooLong(ranMs, boundMs);
  };
  const timer = pauseMs === Infinity ? undefined : setInterval(look, everyMs).unref();
  const mustBeInTime = () => {
    look();
    if (late !== null) throw transient(late);
  };
  return { attempt: { mustBeInTime, rechecks: [] } as Attempt, end: () => clearInterval(timer) };
}

/**
 * Throws a transient failure if the attempt of the current effect is late. Call this function in the
 * last synchronous moment before anything is sent. Outside of an effect, it does nothing.
 */
export const mustBeInTime = (): void => attempts.getStore()?.mustBeInTime();

/**
 * Returns the function `mustBeInTime` for the current effect. A callback can call the returned
 * function outside of the context of the effect.
 */
export const deadline = (): (() => void) => attempts.getStore()?.mustBeInTime ?? (() => {});

/**
 * Adds a check that runs right before every change of the current effect. The caller must have made
 * the check once already. After each run, the check is skipped for `freshMs`.
 */
export function beforeEachChange(recheck: () => Promise<void>, { freshMs = 0 } = {}): void {
  let checkedAt = read();
  attempts.getStore()?.rechecks.push(async () => {
    if (freshMs > 0 && since(checkedAt, read()) < freshMs) return;
    await recheck();
    checkedAt = read();
  });
}

/**
 * Throws if the current effect may not change anything now: one of its checks fails, or the attempt
 * is late. Call this function right before a change is sent.
 */
export async function mayChangeNow(): Promise<void> {
  for (const recheck of attempts.getStore()?.rechecks ?? []) await recheck();
  mustBeInTime();
}
