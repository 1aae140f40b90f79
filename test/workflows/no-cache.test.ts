import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import { abort, retry } from '../../workflows/messages.ts';
import { approveAtOnce, bundle, runDeploy, timeSkipping } from '../support/saga.ts';
import type { Handle } from '../support/saga.ts';

// Without a cache, every workflow task replays the whole history. So code that is not deterministic
// fails.
const options = { maxCachedWorkflows: 0 };

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const run = (changes: Parameters<typeof runDeploy>[2], during: Parameters<typeof runDeploy>[3]) =>
  runDeploy(env, code, changes, during, options);
const outcomeOf = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value.outcome;

/**
 * The causes of failed workflow tasks. Temporal retries these tasks for ever, and nothing else
 * shows the failure. The list leaves out tasks that failed only because a new event arrived during
 * the task.
 */
async function failedTasks(handle: Pick<Handle, 'fetchHistory'>) {
  const { events } = JSON.parse(historyToJSON(await handle.fetchHistory())) as {
    events: FailedTask[];
  };
  return events
    .flatMap((event) => event.workflowTaskFailedEventAttributes?.cause ?? [])
    .filter((cause) => cause !== 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND');
}
type FailedTask = { workflowTaskFailedEventAttributes?: { cause: string } };

test('a good release, replayed at every task', async () => {
  const { result, handle } = await run({}, approveAtOnce);
  expect(outcomeOf(result)).toBe('succeeded');
  expect(await failedTasks(handle)).toEqual([]);
});

test('a watch that fails, and its rollback', async () => {
  const takeSamples = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
  const { result, calls, handle } = await run({ takeSamples }, approveAtOnce);
  expect(outcomeOf(result)).toBe('rolled-back');
  expect(calls).toContain('revert main');
  expect(await failedTasks(handle)).toEqual([]);
});

test('reminders, then expired', async () => {
  const { result, handle } = await run({}, async () => {});
  expect(outcomeOf(result)).toBe('expired');
  expect(await failedTasks(handle)).toEqual([]);
});

test('orders that arrive before anything was done', async () => {
  const { result, handle } = await run({}, async (deploy) => {
    await deploy.signal(retry);
    await deploy.signal(abort);
  });
  expect(outcomeOf(result)).toBe('aborted');
  expect(await failedTasks(handle)).toEqual([]);
});
