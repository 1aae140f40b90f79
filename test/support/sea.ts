import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { expect } from 'vitest';
import type { Activities, Entry, Note } from '../../domain/activities.ts';
import type { DeployStatus } from '../../domain/plan.ts';
import { timing } from '../../domain/policy/timing.ts';
import type { DeployRequest, SignedRequest } from '../../domain/schema.ts';
import { searchAttributeNames } from '../../worker/search-attributes.ts';
import { deploy } from '../../workflows/deploy.ts';
import { status } from '../../workflows/messages.ts';
import { fakeActivities } from './fake-activities.ts';
import { planFor, sha } from './plan.ts';
import { request } from './saga.ts';

/**
 * A real server in memory: the time-skipping one fails where a run is continued while somebody queries it.
 * Time is not skipped but scaled.
 */
export const realServer = (path: string) =>
  TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      extraArgs: ['--log-level', 'error'].concat(
        searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ),
    },
  });

let nonces = 0;
/** A newer request; its ref is its commit. */
export function newer(digit: string, change: Partial<DeployRequest> = {}): SignedRequest {
  const nonce = String((nonces += 1)).padStart(32, '0');
  const words = { ref: sha(digit), requestedBy: 'carol', reason: `ship ${digit}`, nonce };
  return { request: { ...request.request, ...words, ...change }, signature: 'fake' };
}

export const idOf = ({ request: { nonce } }: SignedRequest) =>
  nonce === request.request.nonce ? planFor().deployId : `d-${nonce.slice(-12)}`;

export type Row = Pick<Entry, 'kind' | 'key' | 'deployId' | 'body'>;

/** Every run plans what its own request asks for; rows and notes are kept. */
export function crew(change: Partial<Activities> = {}) {
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
    takeLooks: async ({ startedAt, endsAt, timing: { lookMs } }) => {
      const from = Date.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, endsAt - from)));
      const count = Math.round((endsAt - from) / lookMs) + 1;
      const at = (index: number) => from - startedAt + index * lookMs;
      return Array.from({ length: count }, (_, index) => ({ at: at(index), probe: 0, log: null }));
    },
    append: async ({ kind, key, deployId, body }) => void rows.push({ kind, key, deployId, body }),
    say: async (note) => {
      notes.push(note);
      return true;
    },
    ...change,
  });
  return { activities, calls, rows, notes };
}

let runs = 0;
/** One place on fake activities, and whatever is deployed to it. */
export async function sailOn(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  activities: Activities,
  during: (handle: Handle) => Promise<void>,
) {
  runs += 1;
  const taskQueue = `sea-${process.pid}-${runs}`;
  const connection = env.nativeConnection;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities });
  const workflowId = `deploy/gateway/${taskQueue}`;
  return await worker.runUntil(async () => {
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

export const inPhase = (handle: Handle, phase: string, ship: string) =>
  until(handle, (now) => now.phase === phase && now.sealed?.plan.sha === sha(ship));
