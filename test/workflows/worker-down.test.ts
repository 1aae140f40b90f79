import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { DeployReport, DeployStatus } from '../../domain/deploy/plan.ts';
import { availableActions } from '../../domain/actions/available-actions.ts';
import { timing } from '../../domain/deploy/timing.ts';
import { deploy } from '../../workflows/deploy.ts';
import { abort, decide } from '../../workflows/messages.ts';
import { planFor } from '../support/plan.ts';
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
) {
  const taskQueue = `down-${process.pid}-${(runs += 1)}`;
  const planDeploy = async () => {
    const notAfter = new Date(Date.now() + timeLimitMs).toISOString();
    return planFor({ notAfter, timing: timing(1000) });
  };
  const { activities } = fakeDeploys({ planDeploy });
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
