import { randomBytes } from 'node:crypto';
import { createApproval } from '../../activities/approval/approval.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { waitingPlan } from '../../client/session/decision.ts';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { fromDescription } from '../../worker/session/read-deploy.ts';
import { configOf } from '../support/planning.ts';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { DeployReport, DeployStatus, Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import { availableActions } from '../../domain/actions/available-actions.ts';
import { timing } from '../../domain/deploy/timing.ts';
import { deploy } from '../../workflows/deploy.ts';
import { abort, decide } from '../../workflows/messages.ts';
import { hostState, oldSha, planFor } from '../support/plan.ts';
import { bundle, decision, request } from '../support/saga.ts';
import { fakeDeploys, inPhase, realServer } from '../support/real-server.ts';
import type { Handle } from '../support/real-server.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await realServer(inject('temporalBinary'));
});
afterAll(() => env?.teardown());

let runs = 0;
/**
 * Stops the worker while the deploy waits for approval, and calls `meanwhile`. Then starts another
 * worker.
 */
async function leftAlone(
  timeLimitMs: number,
  meanwhile: (handle: Handle, until: string) => Promise<unknown>,
  { plan = {}, ...change }: Partial<PlainActivities> & { plan?: Partial<Plan> } = {},
) {
  const taskQueue = `down-${process.pid}-${(runs += 1)}`;
  const planDeploy = async () => {
    const notAfter = new Date(Date.now() + timeLimitMs).toISOString();
    return planFor({ notAfter, timing: timing(1000), ...plan });
  };
  const { activities } = fakeDeploys({ planDeploy, ...change });
  const options = { taskQueue, workflowBundle: code, activities, maxCachedWorkflows: 0 };
  const worker = () => Worker.create({ connection: env.nativeConnection, ...options });
  const workflowId = `deploy/gateway/${taskQueue}`;
  const handle = await env.client.workflow.start(deploy, {
    args: [request],
    taskQueue,
    workflowId,
  });
  const first = await worker();
  const until = await first.runUntil(async () => {
    await inPhase(handle, 'approval', 'b');
    const { timeout } = availableActions(await handle.query<DeployStatus>('status'));
    if (!timeout || !('at' in timeout)) throw new Error('the deploy has no time-out');
    return timeout.at;
  });
  await meanwhile(handle, until);
  const second = await worker();
  return await second.runUntil(() => handle.result() as Promise<DeployReport>);
}

test('with its worker down the time-out is kept: it closes as soon as one is there', async () => {
  const report = await leftAlone(
    10_000,
    (_, until) => new Promise((gone) => setTimeout(gone, Date.parse(until) - Date.now() + 500)),
  );
  expect(report).toMatchObject({ outcome: 'expired', touched: false });
});

test('with its worker down an order to roll back is kept', async () => {
  const report = await leftAlone(60_000, (handle) => handle.signal(abort));
  expect(report).toMatchObject({ outcome: 'aborted', touched: false });
});

test('with its worker down a signed rejection is kept', async () => {
  const report = await leftAlone(60_000, (handle) =>
    handle.signal(decide, decision('bob', 'reject')),
  );
  expect(report).toMatchObject({ outcome: 'rejected', reasons: ['rejected by bob'] });
});

test('with its worker down the plan of 100 hosts is read whole from the memo, and can be signed', async () => {
  const { target } = planFor();
  const hosts = Array.from({ length: 100 }, (_, at) => ({
    ...target.hosts[0]!,
    name: `deploy@web-${at}.shop.example.com:22`,
    hostKey: `SHA256:${randomBytes(33).toString('base64').slice(0, 43)}`,
  }));
  const live = hosts.map(({ name }) => ({
    ...hostState(name, oldSha),
    invocationId: randomBytes(16).toString('hex'),
  }));
  const steps = hosts.map(({ name }) => `make it current on ${name}, restart, prove health`);
  const plan = { target: { ...target, hosts }, live, steps, rollbackSteps: steps };
  const ledger = await openLedger({ path: ':memory:' });
  const { sealPlan } = createApproval({ config: () => configOf(), ledger });
  const place = { project: 'gateway', environment: 'production' };
  let shown: SealedPlan | undefined;
  const read = async (handle: Handle) => {
    const snapshot = fromDescription(place, await handle.describe());
    shown = waitingPlan({ ...snapshot, status: null, failing: null }, {}, new Date());
    await handle.signal(abort);
  };
  const report = await leftAlone(60_000, read, { plan, sealPlan });
  expect(report).toMatchObject({ outcome: 'aborted', touched: false });
  expect(shown?.plan.live).toEqual(live);
  expect(shown?.plan.target).toEqual(plan.target);
  expect(shown?.digest).toBe(sealDigest(shown!.plan, shown!.gates));
});
