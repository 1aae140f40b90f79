import { setTimeout as delay } from 'node:timers/promises';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { LogEntry, WorkflowBundleOption } from '@temporalio/worker';

/** The warnings and errors of the SDK in this process, in the order in which it logged them. */
const logged: LogEntry[] = [];
Runtime.install({
  logger: new DefaultLogger('WARN', (entry) => void logged.push(entry)),
  telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
});

/** The SDK passes a line of its log on after 10 ms. */
const logDelayMs = 100;

/** A workflow task failed during a replay. */
export class FailedTask extends Error {
  override name = 'FailedTask';
}

/**
 * Replays the histories with one worker. Returns for each history the error, or undefined if the
 * replay succeeds. A workflow task that failed is an error too. The SDK does not report such a task
 * if no later task of the history completed: it only logs "Failing workflow task" with the run id. So
 * a failed task counts for every history of this call that has the same run id.
 */
export async function replay(
  workflowBundle: WorkflowBundleOption,
  histories: readonly object[],
): Promise<(Error | undefined)[]> {
  const each = histories.map((history, index) => ({ workflowId: `replay-${index}`, history }));
  const from = logged.length;
  const said: { runId: string; error: Error | undefined }[] = [];
  for await (const { runId, error } of Worker.runReplayHistories({ workflowBundle }, each))
    said.push({ runId, error });
  await delay(logDelayMs);
  Runtime.instance().flushLogs();
  const failed = logged.slice(from).filter(({ message }) => message === 'Failing workflow task');
  return said.map(({ runId, error }) => error ?? failedTask(failed, runId));
}

function failedTask(failed: readonly LogEntry[], runId: string): FailedTask | undefined {
  const found = failed.find(({ meta }) => meta?.['runId'] === runId);
  return found && new FailedTask(String(found.meta?.['failure']));
}
