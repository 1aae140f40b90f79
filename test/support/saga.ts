import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import type { WorkerOptions, WorkflowBundle } from '@temporalio/worker';
import type { Activities } from '../../domain/activities.ts';
import type { SignedDecision, SignedRequest } from '../../domain/schema.ts';
import { deploy } from '../../workflows/deploy.ts';
import { decide } from '../../workflows/messages.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { fakeActivities } from './fake-activities.ts';
import { newSha, planFor } from './plan.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export const bundle = (): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: path('../../workflows/index.ts'),
    workflowInterceptorModules: [
      path('../../workflows/summaries.ts'),
      path('./drop-heartbeats.ts'),
    ],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });

export async function timeSkipping(executable: string): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: executable } },
  });
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
  workflowBundle: WorkflowBundle,
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
  const watched = { takeLooks: changes.takeLooks ?? cleanLooks(env, calls) };
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: { ...activities, ...watched },
    ...options,
  });
  const { client } = env;
  const workflowId = `deploy/gateway/${taskQueue}`;
  return await worker.runUntil(async () => {
    const handle = await client.workflow.start(deploy, { args: [request], taskQueue, workflowId });
    await during(handle);
    const settled = await Promise.allSettled([handle.result()]);
    await aftermathOf(env, calls);
    return { result: settled[0], calls, served, handle };
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

/** Its end is waited for: an activity without a worker would stop the skipping of time in the test after. */
async function aftermathOf({ client }: TestWorkflowEnvironment, calls: string[]) {
  if (!calls.some((call) => call.startsWith('restore'))) return;
  await client.workflow.getHandle(`aftermath/${planFor().deployId}`).result();
}
