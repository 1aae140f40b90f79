import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport } from '../../domain/deploy/plan.ts';
import type { SignedDecision, SignedRequest } from '../../domain/config/config.ts';
import { deploy } from '../../workflows/deploy.ts';
import { decide } from '../../workflows/messages.ts';
import { workflowBundle } from '../../worker/engine/workflow-bundle.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { freeClock, unlessLost } from './lost-tasks.ts';
import { startTimeSkipping } from './time-skipping-server.ts';
import { warmWorker } from './warm-worker.ts';
import { fakeActivities } from './fake-activities.ts';
import type { Changes } from './fake-activities.ts';
import { newSha, planFor } from './plan.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export const bundle = async (): Promise<WorkflowBundleOption> => ({
  codePath: await workflowBundle([
    path('../../workflows/summaries.ts'),
    path('./drop-heartbeats.ts'),
  ]),
});

let shared: Promise<TestWorkflowEnvironment> | undefined;

/**
 * Returns the time-skipping server of this process. All test files of the process share it and its
 * worker, because each new server takes seconds of CPU time. It ends with the process, so
 * `teardown` does nothing.
 */
export async function timeSkipping(executable: string): Promise<TestWorkflowEnvironment> {
  shared ??= startShared(executable).catch((cause: unknown) => {
    shared = undefined;
    throw cause;
  });
  return await shared;
}

async function startShared(executable: string): Promise<TestWorkflowEnvironment> {
  const env = await startTimeSkipping(executable);
  env.teardown = async () => {};
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(searchAttributeNames.map((name) => [name, 2])),
  });
  return env;
}

export const request: SignedRequest = {
  request: {
    project: 'gateway',
    environment: 'production',
    ref: 'main',
    requestedBy: 'alice',
    reason: 'fix the queue',
    priority: 'normal',
    nonce: '0'.repeat(32),
    requestedAt: '2026-01-01T00:00:00.000Z',
  },
  signature: 'fake',
};

let nonces = 0;
export const decision = (approver: string, verdict: 'approve' | 'reject'): SignedDecision => ({
  decision: {
    subject: 'deploy',
    subjectDigest: 'f'.repeat(64),
    deployId: 'd-0123456789ab',
    project: 'gateway',
    environment: 'production',
    sha: newSha,
    decision: verdict,
    approver,
    nonce: String((nonces += 1)).padStart(32, '0'),
    notAfter: '2026-01-01T02:00:00.000Z',
  },
  signature: 'fake',
});

/** After its deploy was terminated, a test ends in this time, or its promise is left alone. */
const endsWithinMs = 5000;

type Started = (signed: SignedRequest) => Promise<DeployReport>;

let runs = 0;
/**
 * Runs one deploy on fake activities. `during` acts on the running deploy. `calls` lists the
 * activity calls.
 */
export async function runDeploy(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  changes: Changes = {},
  during: (handle: Handle) => Promise<void> = approveAtOnce,
  {
    workflow = deploy,
    ...options
  }: Pick<WorkerOptions, 'maxCachedWorkflows'> & { workflow?: Started } = {},
) {
  runs += 1;
  const id = `saga-${process.pid}-${runs}`;
  let now = Date.now();
  const clock = async () => (now = await env.currentTimeMs());
  const { activities, changed, calls, served } = fakeActivities(() => now, changes);
  const takeSamples = changed.takeSamples ?? cleanSamples(env, calls);
  const acts = endSamplesOnRollback({ ...activities, takeSamples });
  const worker = await warmWorker(env, workflowBundle, acts, options);
  const { taskQueue } = worker;
  const { client } = env;
  const workflowId = `deploy/gateway/${id}`;
  return await worker.runUntil(async () => {
    await freeClock(env);
    await clock();
    const handle = await client.workflow.start(workflow, {
      args: [request],
      taskQueue,
      workflowId,
    });
    const deployRun = async () => {
      await during(handle);
      const settled = await Promise.allSettled([handle.result()]);
      await unlockOutlived(env, worker.attempts, await awaitAftermath(env, handle));
      return { result: settled[0], calls, served, handle };
    };
    const running = deployRun();
    try {
      return await unlessLost(running);
    } catch (cause) {
      await handle.terminate().catch(() => {});
      await Promise.race([running.catch(() => {}), delay(endsWithinMs)]);
      await freeClock(env);
      throw cause;
    }
  });
}

export type Handle = Awaited<ReturnType<TestWorkflowEnvironment['client']['workflow']['start']>>;

export async function approveAtOnce(handle: Handle) {
  await handle.signal(decide, decision('bob', 'approve'));
}

/**
 * Skips the time to the end of the segment. Returns clean samples, for example 30 samples for five
 * minutes.
 */
const cleanSamples =
  (env: TestWorkflowEnvironment, calls: string[]): PlainActivities['takeSamples'] =>
  async ({ startedAt, endsAt, timing }) => {
    calls.push('looks');
    const from = await env.currentTimeMs();
    await env.sleep(Math.max(1, endsAt - from));
    const count = Math.round((endsAt - from) / timing.sampleMs);
    return Array.from({ length: count }, (_, index) => ({
      at: from - startedAt + index * timing.sampleMs,
      probe: 0 as const,
      log: null,
    }));
  };

/**
 * Ends the fake samples when the rollback begins. Real samples then end at their next heartbeat. A
 * running activity or child workflow locks the clock of the test server. If an activity outlives
 * its deploy, the lock stays, and the clock stands still in every later test.
 */
function endSamplesOnRollback(fake: PlainActivities): PlainActivities {
  const back = Promise.withResolvers<never>();
  back.promise.catch(() => {});
  const ended = async () => {
    back.reject(ApplicationFailure.nonRetryable('the rollback begins', failures.unavailable));
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  return {
    ...fake,
    takeSamples: (segment) => Promise.race([fake.takeSamples(segment), back.promise]),
    rollBackHost: async (step) => {
      await ended();
      return fake.rollBackHost(step);
    },
    rollBackDeployment: async (step) => {
      await ended();
      return fake.rollBackDeployment(step);
    },
  };
}

type Run = { runId: string; events: Events };

/**
 * Waits for the aftermath workflow, if there is one. If this workflow ends after the deploy, unlocks
 * the clock of the test server. Returns the histories of both.
 */
async function awaitAftermath(env: TestWorkflowEnvironment, parent: Handle): Promise<Run[]> {
  const deployRun = { runId: parent.firstExecutionRunId, events: await eventsOf(parent) };
  const started = deployRun.events
    .map((event) => event.childWorkflowExecutionStartedEventAttributes?.workflowExecution)
    .find((execution) => execution);
  if (!started) return [deployRun];
  const child = env.client.workflow.getHandle(`aftermath/${planFor().deployId}`);
  await child.result();
  const events = await eventsOf(child);
  const outlived = endOf(events) > endOf(deployRun.events);
  if (outlived) await env.connection.testService?.unlockTimeSkipping({});
  return [deployRun, { runId: started.runId ?? '', events }];
}

/**
 * Unlocks the clock of the test server once for each activity that outlived its workflow. The server
 * locks its clock while an activity runs, and keeps the lock if the workflow closes first.
 */
async function unlockOutlived(
  env: TestWorkflowEnvironment,
  attemptsOf: Awaited<ReturnType<typeof warmWorker>>['attempts'],
  runs: readonly Run[],
) {
  for (const { runId, events } of runs) {
    const attempts = attemptsOf(runId);
    const ended = new Set(events.map((event) => String(endedActivity(event))));
    for (const { eventId, activityTaskScheduledEventAttributes: scheduled } of events) {
      if (!scheduled || ended.has(String(eventId))) continue;
      const last = attempts.get(scheduled.activityId ?? '');
      if (last === 'running' || last === 'returned')
        await env.connection.testService?.unlockTimeSkipping({});
    }
  }
}

/** Returns the id of the event that scheduled the activity that this event ends. */
const endedActivity = (event: Events[number]) =>
  (
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  )?.scheduledEventId;

type Events = NonNullable<Awaited<ReturnType<Handle['fetchHistory']>>['events']>;
const eventsOf = async (handle: Pick<Handle, 'fetchHistory'>): Promise<Events> =>
  (await handle.fetchHistory()).events ?? [];

function endOf(events: Events): number {
  const { seconds, nanos } = events.at(-1)?.eventTime ?? {};
  return Number(seconds) * 1e9 + Number(nanos);
}
