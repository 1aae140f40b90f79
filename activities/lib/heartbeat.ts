import { Context } from '@temporalio/activity';

const tickMs = 3000;

/**
 * Runs `work` with the activity's cancellation signal and heartbeats every 3 s until it settles: cancellation
 * reaches an activity only through its heartbeats. `details` is read at every tick.
 */
export async function withHeartbeat<T>(
  work: (signal: AbortSignal) => Promise<T>,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = Context.current();
  const tick = () => context.heartbeat(details());
  tick();
  const timer = setInterval(tick, tickMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
