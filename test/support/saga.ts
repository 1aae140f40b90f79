import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { SignedDecision, SignedRequest } from '../../domain/schema.ts';
import { deploy } from '../../workflows/deploy.ts';
import { decide } from '../../workflows/messages.ts';
import { workflowBundle } from '../../worker/engine/workflow-bundle.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { freeClock, unlessLost } from './lost-tasks.ts';
import { fakeActivities } from './fake-activities.ts';
import { newSha, planFor } from './plan.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export const bundle = async (): Promise<WorkflowBundleOption> => ({
  codePath: await workflowBundle([
    path('../../workflows/summaries.ts'),
    path('./drop-heartbeats.ts'),
  ]),
});

const patientStarts = 3;

/** On a busy machine the JVM may miss the 5 s that the SDK gives it. */
async function startServer(path: string, tries = 1): Promise<TestWorkflowEnvironment> {
  const server = { executable: { type: 'existing-path', path } } as const;
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server });
  } catch (cause) {
    if (tries === patientStarts) throw cause;
    return await startServer(path, tries + 1);
  }
}

export async function timeSkipping(executable: string): Promise<TestWorkflowEnvironment> {
  const env = await startServer(executable);
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
    subject: 'ship',
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

let runs = 0;
/** One deploy on fake activities; `during` runs beside it, `calls` is its story. */
export async function sail(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  changes: Partial<Activities> = {},
  during: (handle: Handle) => Promise<void> = approveAtOnce,
  options: Pick<WorkerOptions, 'maxCachedWorkflows'> = {},
) {
  runs += 1;
  const taskQueue = `saga-${process.pid}-${runs}`;
  let now = Date.now();
  const clock = async () => (now = await env.currentTimeMs());
  await clock();
  const { activities, calls, served } = fakeActivities(() => now, changes);
  const takeLooks = changes.takeLooks ?? cleanLooks(env, calls);
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: endLooksOnTheWayBack({ ...activities, takeLooks }),
    ...options,
  });
  const { client } = env;
  const workflowId = `deploy/gateway/${taskQueue}`;
  return await worker.runUntil(async () => {
    const handle = await client.workflow.start(deploy, { args: [request], taskQueue, workflowId });
    const voyage = async () => {
      await during(handle);
      const settled = await Promise.allSettled([handle.result()]);
      await awaitAftermath(env, handle);
      return { result: settled[0], calls, served, handle };
    };
    try {
      return await unlessLost(voyage());
    } catch (cause) {
      await handle.terminate().catch(() => {});
      await freeClock(env);
      throw cause;
    }
  });
}

export type Handle = Awaited<ReturnType<TestWorkflowEnvironment['client']['workflow']['start']>>;

export async function approveAtOnce(handle: Handle) {
  await handle.signal(decide, decision('bob', 'approve'));
}

/** Skipped time passes: 30 clean looks in every segment of five minutes. */
export const cleanLooks =
  (env: TestWorkflowEnvironment, calls: string[]): Activities['takeLooks'] =>
  async ({ startedAt, endsAt, timing }) => {
    calls.push('looks');
    const from = await env.currentTimeMs();
    await env.sleep(Math.max(1, endsAt - from));
    const count = Math.round((endsAt - from) / timing.lookMs);
    return Array.from({ length: count }, (_, index) => ({
      at: from - startedAt + index * timing.lookMs,
      probe: 0 as const,
      log: null,
    }));
  };

/**
 * The test server never takes back the lock on its clock of an activity or a child that outlives its deploy,
 * and time would stand still in every later test. So looks end when the way back begins, as real ones do
 * within a heartbeat …
 */
function endLooksOnTheWayBack(fake: Activities): Activities {
  const back = Promise.withResolvers<never>();
  back.promise.catch(() => {});
  const ended = async () => {
    back.reject(ApplicationFailure.nonRetryable('the way back begins', failures.unavailable));
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  return {
    ...fake,
    takeLooks: (segment) => Promise.race([fake.takeLooks(segment), back.promise]),
    restoreHost: async (step) => {
      await ended();
      return fake.restoreHost(step);
    },
    restoreDeployment: async (step) => {
      await ended();
      return fake.restoreDeployment(step);
    },
  };
}

/** … and a child's lock is given back here. */
async function awaitAftermath(env: TestWorkflowEnvironment, parent: Handle) {
  const events = await eventsOf(parent);
  if (!events.some((event) => event.childWorkflowExecutionStartedEventAttributes)) return;
  const child = env.client.workflow.getHandle(`aftermath/${planFor().deployId}`);
  await child.result();
  const outlived = endOf(await eventsOf(child)) > endOf(events);
  if (outlived) await env.connection.testService?.unlockTimeSkipping({});
}

type Events = NonNullable<Awaited<ReturnType<Handle['fetchHistory']>>['events']>;
const eventsOf = async (handle: Pick<Handle, 'fetchHistory'>): Promise<Events> =>
  (await handle.fetchHistory()).events ?? [];

function endOf(events: Events): number {
  const { seconds, nanos } = events.at(-1)?.eventTime ?? {};
  return Number(seconds) * 1e9 + Number(nanos);
}
