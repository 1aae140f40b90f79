import { setTimeout as delay } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';

type Listener = (what: string) => void;
const listeners = new Set<Listener>();

const refused = 'Error while completing workflow activation';

/**
 * Tells the listeners that the time-skipping server lost a task. If a task is cancelled just as it
 * completes, that server refuses the task and then waits for the task for ever. Temporal's own
 * server does not do that. The SDK core reports the refusal only in its log, so this function reads
 * the log.
 */
function hear(entry: LogEntry) {
  if (entry.message === refused)
    for (const tell of listeners) tell(JSON.stringify(entry.meta?.['error'] ?? ''));
}

let warns = true;
/** Hides warnings. Tests call this if their activities fail on purpose. */
export const onlyErrors = () => void (warns = false);

Runtime.install({
  logger: new DefaultLogger('WARN', (entry) => {
    hear(entry);
    if (entry.level === 'WARN' && !warns) return;
    if (!entry.message.startsWith('Temporal Server 1.16'))
      process.stderr.write(`${entry.level} ${entry.message}\n`);
  }),
  telemetryOptions: {
    logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) },
  },
});

/** A deploy on the test server takes a few seconds, also on a busy machine. */
const stallMs = 60_000;

/**
 * Returns the result of `work`. Throws if the test server loses a task before `work` ends, or if
 * `work` takes longer than a minute. After this error, vitest.config.ts runs the test again, at
 * most three times.
 */
export async function unlessLost<T>(work: Promise<T>): Promise<T> {
  const lost = Promise.withResolvers<never>();
  const tell: Listener = (what) => lost.reject(new Error(`the test server lost a task: ${what}`));
  listeners.add(tell);
  const stalled = setTimeout(() => tell('the deploy has not ended after a minute'), stallMs);
  try {
    return await Promise.race([work, lost.promise]);
  } finally {
    listeners.delete(tell);
    clearTimeout(stalled);
  }
}

const mostLocks = 30;
/** A server whose clock is free skips a minute in a few milliseconds, also on a busy machine. */
const skipsWithinMs = 5000;

/**
 * Unlocks the clock of the test server, repeatedly, until the server skips a minute at once. A lost
 * task, and an activity that outlives its workflow, keep their locks for ever. Such a lock would stop
 * the clock for every later test. Call this only while no `handle.result()` waits, because each of
 * them unlocks the clock too.
 */
export async function freeClock(env: TestWorkflowEnvironment): Promise<void> {
  const skipped = env.sleep('1 minute').then(() => true);
  for (let locks = 0; locks < mostLocks; locks += 1) {
    if (await Promise.race([skipped, delay(skipsWithinMs, false)])) return;
    await env.connection.testService?.unlockTimeSkipping({});
  }
  throw new Error(`the clock of the test server stands still after ${mostLocks} unlocks`);
}
