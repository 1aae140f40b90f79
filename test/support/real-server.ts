import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { expect } from 'vitest';
import type { PlainActivities, Entry, Note } from '../../domain/contract/activities.ts';
import type { DeployStatus } from '../../domain/deploy/plan.ts';
import { timing } from '../../domain/deploy/timing.ts';
import type { DeployRequest, SignedRequest } from '../../domain/config/config.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { deploy } from '../../workflows/deploy.ts';
import { status } from '../../workflows/messages.ts';
import { fakeActivities } from './fake-activities.ts';
import { planFor, sha } from './plan.ts';
import { request } from './saga.ts';
import { endingWarmWorker, warmWorker } from './warm-worker.ts';

/**
 * Starts a real server in memory. The time-skipping server fails if a workflow continues as a new
 * run during a query. These tests use short times instead of skipped times.
 */
export async function realServer(path: string): Promise<TestWorkflowEnvironment> {
  const env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      extraArgs: ['--log-level', 'error'].concat(
        searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ),
    },
  });
  return endingWarmWorker(env);
}

let nonces = 0;
/** A newer deploy request. Its ref is a SHA that consists of `digit` only. */
export function newer(digit: string, change: Partial<DeployRequest> = {}): SignedRequest {
  const nonce = String((nonces += 1)).padStart(32, '0');
  const words = { ref: sha(digit), requestedBy: 'carol', reason: `ship ${digit}`, nonce };
  return { request: { ...request.request, ...words, ...change }, signature: 'fake' };
}

export const idOf = ({ request: { nonce } }: SignedRequest) =>
  nonce === request.request.nonce ? planFor().deployId : `d-${nonce.slice(-12)}`;

export type Row = Pick<Entry, 'kind' | 'key' | 'deployId' | 'body'>;

/**
 * Fake activities for several deploys. Each plan takes its commit and its requester from the
 * request.
 */
export function fakeDeploys(change: Partial<PlainActivities> = {}) {
  const rows: Row[] = [];
  const notes: Note[] = [];
  const { activities, calls } = fakeActivities(Date.now, {
    planDeploy: async ({ signed }) => {
      const { requestedBy, priority, reason, ref } = signed.request;
      const own = /^[0-9a-f]{40}$/.test(ref) ? ref : planFor().sha;
      const notAfter = new Date(Date.now() + 60_000).toISOString();
      const who = { deployId: idOf(signed), requestedBy, priority, reason, notAfter };
      const release = { id: `${own.slice(0, 12)}-00000000`, sha: own };
      const plannedAt = new Date().toISOString();
      return planFor({ ...who, plannedAt, sha: own, release, timing: timing(1000) });
    },
    takeSamples: async ({ startedAt, endsAt, timing: { sampleMs } }) => {
      const from = Date.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, endsAt - from)));
      const count = Math.round((endsAt - from) / sampleMs) + 1;
      const at = (index: number) => from - startedAt + index * sampleMs;
      return Array.from({ length: count }, (_, index) => ({ at: at(index), probe: 0, log: null }));
    },
    append: async ({ kind, key, deployId, body }) => void rows.push({ kind, key, deployId, body }),
    notify: async (note) => {
      notes.push(note);
      return true;
    },
    ...change,
  });
  return { activities, calls, rows, notes };
}

let runs = 0;
/**
 * Starts a deploy on the fake activities and runs `during`. Returns the report of the last run and
 * the description of the first run.
 */
export async function runDeployOn(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  activities: PlainActivities,
  during: (handle: Handle) => Promise<void>,
) {
  runs += 1;
  const { taskQueue, runUntil } = await warmWorker(env, workflowBundle, activities);
  const workflowId = `deploy/gateway/place-${process.pid}-${runs}`;
  return await runUntil(async () => {
    const options = { args: [request] as [SignedRequest], taskQueue, workflowId };
    const handle = await env.client.workflow.start(deploy, options);
    await during(handle);
    const report = await handle.result();
    const first = env.client.workflow.getHandle(workflowId, handle.firstExecutionRunId);
    return { report, handle, first: await first.describe() };
  });
}

const begin = (env: TestWorkflowEnvironment) => env.client.workflow.start(deploy, {} as never);
export type Handle = Awaited<ReturnType<typeof begin>>;

export const ask = (handle: Handle) => handle.query<DeployStatus, []>(status);

export async function until(handle: Handle, what: (now: DeployStatus) => unknown) {
  const seen = () =>
    ask(handle).then(
      (now) => Boolean(what(now)),
      () => false,
    );
  await expect.poll(seen, { timeout: 20_000, interval: 100 }).toBe(true);
}

export const inPhase = (handle: Handle, phase: string, fleetProject: string) =>
  until(handle, (now) => now.phase === phase && now.sealed?.plan.sha === sha(fleetProject));
