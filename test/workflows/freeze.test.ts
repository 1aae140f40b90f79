import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { DeployReport, Plan } from '../../domain/deploy/plan.ts';
import { planFor } from '../support/plan.ts';
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
const minute = 60_000;

/** A plan with a freeze window. `from` and `to` are minutes after the time of the plan. */
const inWindow = (from: number, to: number, changes: Partial<Plan> = {}) => ({
  planDeploy: async () => {
    const now = await env.currentTimeMs();
    const window = { name: 'the weekend', from: now + from * minute, to: now + to * minute };
    const notAfter = new Date(now + planFor().timing.expireMs).toISOString();
    const plannedAt = new Date(now).toISOString();
    return planFor({ plannedAt, notAfter, freezeWindows: [window], ...changes });
  },
});
const touched = (calls: string[]) => calls.filter((call) => /^(stage|switch)/.test(call));

test('in a freeze window no approval is requested, and nothing is touched', async () => {
  const { result, calls } = await runDeploy(env, code, inWindow(-60, 60));
  const closed = report(result);
  expect(closed).toMatchObject({ outcome: 'gate-closed', touched: false });
  expect(closed.reasons[0]).toMatch(/^freeze: the freeze window "the weekend" lasts until /);
  expect([touched(calls), calls.filter((call) => call === 'ask')]).toEqual([[], []]);
});

test('a hotfix goes through, and its rollback as well', async () => {
  const hotfix = inWindow(-60, 600, { priority: 'P0' });
  const takeSamples = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
  const { result } = await runDeploy(env, code, { ...hotfix, takeSamples });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', touched: true });
});

test('a freeze window that is over before it begins blocks nothing', async () => {
  const { result } = await runDeploy(env, code, inWindow(100, 600));
  expect(report(result).outcome).toBe('succeeded');
});

const stop = { key: 'stop/1', by: 'bob', reason: 'the database is full' };
const stopped = { ...stop, at: '2026-01-01T12:00:00.000Z' };

test('while the line is stopped no approval is requested, and nothing is touched', async () => {
  const { result, calls } = await runDeploy(env, code, inWindow(100, 600, { stopped }));
  const closed = report(result);
  expect(closed).toMatchObject({ outcome: 'gate-closed', touched: false });
  expect(closed.reasons).toEqual([
    'stop: the line is stopped by bob since 2026-01-01 12:00 UTC: "the database is full". ' +
      'Deploy again when an approver has lifted the stop: plimsoll stop-line "why it is safe" ' +
      '--lift. A hotfix needs --priority P0, a --reason and one more approver.',
  ]);
  expect([touched(calls), calls.filter((call) => call === 'ask')]).toEqual([[], []]);
});

test.each(['freeze: "the weekend" is frozen', 'stop: the line is stopped'])(
  'what comes while the approval is waited for closes it after the approval: %s',
  async (why) => {
    const verifyApprovals = async () => {
      throw ApplicationFailure.nonRetryable(why, 'GateClosed');
    };
    const { result, calls } = await runDeploy(env, code, { verifyApprovals });
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false, reasons: [why] },
    });
    expect(calls).toContain('ask');
    expect(touched(calls)).toEqual([]);
  },
);

test('a hotfix goes through a stop, and its rollback as well', async () => {
  const hotfix = inWindow(100, 600, { priority: 'P0', stopped });
  const takeSamples = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
  const { result } = await runDeploy(env, code, { ...hotfix, takeSamples });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', touched: true });
});
