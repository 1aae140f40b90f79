import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { cancel, cancelling, finish } from '../support/cancelling.ts';
import type { Cancelling } from '../support/cancelling.ts';
import { readFailingTasks } from '../../worker/failing-tasks/read.ts';
import { replay } from './replay.ts';

type Act = () => Promise<void>;

const taskQueue = 'cancelling';
/** The activity of each workflow, by workflow id. */
const acts = new Map<string, Act>();
const act = () => acts.get(Context.current().info.workflowExecution?.workflowId ?? '')?.();

let env: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundle;
let worker: Worker;
let ended: Promise<void>;
beforeAll(async () => {
  const workflowsPath = fileURLToPath(new URL('../support/cancelling.ts', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath });
  const path = inject('temporalBinary');
  env = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path }, extraArgs: ['--log-level', 'error'] },
  });
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: { act },
    shutdownForceTime: '1 second',
  });
  ended = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await ended?.catch(() => {});
  await env?.teardown();
});

type End = {
  /** How the activity ends after it was cancelled. */
  how: string;
  event: 'Failed' | 'TimedOut' | 'Completed' | 'Canceled';
  attempts?: number;
  elsewhere?: string;
  act: (cancelled: Promise<void>) => Promise<void>;
};
const died = () => Promise.reject(ApplicationFailure.nonRetryable('its process died'));
const noRoute = () => Promise.reject(new Error('no route'));
const never: Act = () => new Promise(() => {});

const failing: End[] = [
  { how: 'fails', event: 'Failed', act: (cancelled) => cancelled.then(died) },
  {
    how: 'fails in its last attempt',
    event: 'Failed',
    act: (cancelled) => cancelled.then(noRoute),
  },
  { how: 'times out', event: 'TimedOut', act: never },
];
const others: End[] = [
  { how: 'completes', event: 'Completed', act: (cancelled) => cancelled },
  {
    how: 'fails, and would be tried again',
    event: 'Failed',
    attempts: 9,
    act: (cancelled) => cancelled.then(noRoute),
  },
  { how: 'was never started', event: 'Canceled', elsewhere: 'nobody', act: never },
];

let runs = 0;
/** Runs a workflow whose activity ends after its cancel, and sends the signal `finish`. */
async function endLate(type: Cancelling['type'], end: End) {
  const { attempts = 1, elsewhere, event } = end;
  const workflowId = `${type}-${(runs += 1)}`;
  const cancelled = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  acts.set(workflowId, () => {
    started.resolve();
    return end.act(cancelled.promise);
  });
  const args: [Cancelling] = [{ type, attempts, ...(elsewhere ? { elsewhere } : {}) }];
  const handle = await env.client.workflow.start(cancelling, { args, taskQueue, workflowId });
  const has = async (key: string) =>
    ((await handle.fetchHistory()).events ?? []).some((one) => one[key as keyof typeof one]);
  // Before it is scheduled, the server does not know the activity.
  await expect.poll(() => has('activityTaskScheduledEventAttributes')).toBe(true);
  if (!elsewhere) await started.promise;
  await handle.signal(cancel);
  const isCancelled =
    type === 'TRY_CANCEL' ? () => has(requested) : async () => (await completedTasks(handle)) === 2;
  await expect.poll(isCancelled).toBe(true);
  cancelled.resolve();
  await expect.poll(() => has(`activityTask${event}EventAttributes`)).toBe(true);
  await handle.signal(finish);
  return handle;
}

type Handle = Awaited<ReturnType<typeof endLate>>;
const requested = 'activityTaskCancelRequestedEventAttributes';
const completedTasks = async (handle: Pick<Handle, 'fetchHistory'>) =>
  ((await handle.fetchHistory()).events ?? []).filter(
    (event) => event.workflowTaskCompletedEventAttributes,
  ).length;

test.each([...failing, ...others])(
  'TRY_CANCEL: the workflow goes on after its activity was cancelled and $how',
  async (end) => {
    const handle = await endLate('TRY_CANCEL', end);
    expect(await handle.result()).toBe('cancelled');
    const history = await handle.fetchHistory();
    expect(history.events?.some((event) => event.workflowTaskFailedEventAttributes)).toBe(false);
    expect(await replay(workflowBundle, [history])).toEqual([undefined]);
  },
);

test.each(failing)(
  'ABANDON: the workflow never goes on after its activity was cancelled and $how',
  async (end) => {
    const handle = await endLate('ABANDON', end);
    const failed = async () => (await readFailingTasks(env.client, await handle.describe()))?.count;
    await expect.poll(failed, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    const { cause } = (await readFailingTasks(env.client, await handle.describe()))!;
    const why = new RegExp(
      '^Fatal error in workflow machines: ActivityMachine in state Canceled says the transition ' +
        String.raw`is invalid during event EventInfo \{ event_id: \d+, event_type: ActivityTask${end.event} \}$`,
    );
    expect(cause).toMatch(why);
    expect(await replay(workflowBundle, [await handle.fetchHistory()])).toEqual([
      expect.objectContaining({
        name: 'FailedTask',
        message: expect.stringContaining('Fatal error in workflow machines: ActivityMachine'),
      }),
    ]);
    await handle.terminate();
  },
  90_000,
);
