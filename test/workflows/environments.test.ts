import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { uncheckedGate } from '../../domain/messages/unchecked-gate.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport, Plan } from '../../domain/deploy/plan.ts';
import { openGate, planFor } from '../support/plan.ts';
import { bundle, runDeploy, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const nobody = async () => {};
/** A plan for staging that needs no approval. */
const staging: Partial<Plan> = {
  environment: 'staging',
  ownsBranch: false,
  rule: { ...planFor().rule, required: 0 },
};
const planned = (changes: Partial<Plan>) => ({
  planDeploy: async () => {
    const now = await env.currentTimeMs();
    const notAfter = new Date(now + planFor().timing.expireMs).toISOString();
    return planFor({ plannedAt: new Date(now).toISOString(), notAfter, ...changes });
  },
});
const asked: string[] = [];
const checkPrevious: PlainActivities['checkPrevious'] = async ({ after }) => {
  asked.push(after);
  const report = openGate('previous', new Date().toISOString());
  return { ...report, open: false, reasons: ['it ended rolled-back in staging'] };
};

test('a commit that did not succeed in the environment before closes the gate', async () => {
  const changes = { ...planned({ after: 'staging' }), checkPrevious };
  const { result, calls } = await runDeploy(env, code, changes, nobody);
  expect(report(result)).toMatchObject({
    outcome: 'gate-closed',
    touched: false,
    reasons: ['previous: it ended rolled-back in staging'],
  });
  expect(asked.splice(0)).toEqual(['staging']);
  expect(calls.filter((call) => /^(stage|switch)/.test(call))).toEqual([]);
});

test('a ledger that does not answer closes it', async () => {
  const silent = async () => {
    throw ApplicationFailure.nonRetryable('the ledger is locked', failures.unavailable);
  };
  const changes = { ...planned({ after: 'staging' }), checkPrevious: silent };
  const { result } = await runDeploy(env, code, changes, nobody);
  expect(report(result).reasons).toEqual([`previous: ${uncheckedGate('the ledger is locked')}`]);
});

test('without an environment before there is no such gate', async () => {
  const { result } = await runDeploy(env, code, { ...planned(staging), checkPrevious }, nobody);
  expect(report(result).outcome).toBe('succeeded');
  expect(asked).toEqual([]);
});

test('a failed staging deploy is rolled back and never touches main', async () => {
  const runSmoke = async () => ({
    ok: false,
    checks: [{ path: 'auth' as const, outcome: 'failed' as const, detail: '500' }],
  });
  const { result, calls } = await runDeploy(env, code, { ...planned(staging), runSmoke }, nobody);
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['auth: 500'] });
  expect(calls).toContain('rollback deploy@one:22 to a');
  expect(calls).toContain('record incident');
  const never = ['revert main', 'record quarantine', 'reopen issues', 'close issues'];
  expect(calls.filter((call) => never.includes(call))).toEqual([]);
});
