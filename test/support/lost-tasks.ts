import { setTimeout as delay } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';

type Listener = (what: string) => void;
const listeners = new Set<Listener>();

const refused = 'Error while completing workflow activation';

/**
 * The time-skipping server refuses a cancel that its own completion overtook and then waits for ever for the
 * task it has refused; Temporal's server takes both. The core only logs it, so its log is read.
 */
function hear(entry: LogEntry) {
  if (entry.message === refused)
    for (const tell of listeners) tell(JSON.stringify(entry.meta?.['error'] ?? ''));
}

let warns = true;
/** For tests in which every failure of an activity is meant. */
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

/** What `work` comes to; throws where a task was lost meanwhile, and its test is run again (vitest.config.ts). */
export async function unlessLost<T>(work: Promise<T>): Promise<T> {
  const lost = Promise.withResolvers<never>();
  const tell: Listener = (what) => lost.reject(new Error(`the test server lost a task: ${what}`));
  listeners.add(tell);
  try {
    return await Promise.race([work, lost.promise]);
  } finally {
    listeners.delete(tell);
  }
}

const mostLocks = 30;

/** What a lost task began never ends, and holds the clock for every later test: until a minute passes at once. */
export async function freeClock(env: TestWorkflowEnvironment): Promise<void> {
  const skipped = env.sleep('1 minute').then(() => true);
  for (let locks = 0; locks < mostLocks; locks += 1) {
    if (await Promise.race([skipped, delay(500, false)])) return;
    await env.connection.testService?.unlockTimeSkipping({});
  }
  throw new Error('the clock of the test server stands still');
}
