import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { DeployReport, Plan } from '../../domain/plan.ts';
import { planFor } from '../support/plan.ts';
import { bundle, sail, timeSkipping } from '../support/saga.ts';

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

/** Minutes from the plan on. */
const frozen = (from: number, to: number, changes: Partial<Plan> = {}) => ({
  planDeploy: async () => {
    const now = await env.currentTimeMs();
    const window = { name: 'the weekend', from: now + from * minute, to: now + to * minute };
    const notAfter = new Date(now + planFor().timing.expireMs).toISOString();
    const plannedAt = new Date(now).toISOString();
    return planFor({ plannedAt, notAfter, freezes: [window], ...changes });
  },
});
const touched = (calls: string[]) => calls.filter((call) => /^(stage|switch)/.test(call));

test('in a freeze nothing is asked of anybody, and nothing is touched', async () => {
  const { result, calls } = await sail(env, code, frozen(-60, 60));
  const closed = report(result);
  expect(closed).toMatchObject({ outcome: 'gate-closed', touched: false });
  expect(closed.reasons[0]).toMatch(/^freeze: "the weekend" is frozen until /);
  expect([touched(calls), calls.filter((call) => call === 'ask')]).toEqual([[], []]);
});

test('a hotfix goes through, and its way back as well', async () => {
  const hotfix = frozen(-60, 600, { priority: 'P0' });
  const takeLooks = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
  const { result } = await sail(env, code, { ...hotfix, takeLooks });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', touched: true });
});

test('a freeze that is over before it begins keeps nothing', async () => {
  const { result } = await sail(env, code, frozen(100, 600));
  expect(report(result).outcome).toBe('succeeded');
});

const stop = { key: 'stop/1', by: 'bob', reason: 'the database is full' };
const stopped = { ...stop, at: '2026-01-01T12:00:00.000Z' };

test('while the line is stopped nothing is asked of anybody, and nothing is touched', async () => {
  const { result, calls } = await sail(env, code, frozen(100, 600, { stopped }));
  const closed = report(result);
  expect(closed).toMatchObject({ outcome: 'gate-closed', touched: false });
  expect(closed.reasons).toEqual([
    'stop: the line is stopped by bob since 2026-01-01 12:00 UTC: "the database is full". ' +
      'Deploy again when an approver has lifted it: ' +
      'npx --no plimsoll stop-line "why it is safe" --lift; ' +
      'a hotfix goes with --priority P0, a --reason and one more approver.',
  ]);
  expect([touched(calls), calls.filter((call) => call === 'ask')]).toEqual([[], []]);
});

test.each(['freeze: "the weekend" is frozen', 'stop: the line is stopped'])(
  'what comes while the approval is waited for closes it after the approval: %s',
  async (why) => {
    const verifyApprovals = async () => {
      throw ApplicationFailure.nonRetryable(why, 'GateClosed');
    };
    const { result, calls } = await sail(env, code, { verifyApprovals });
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false, reasons: [why] },
    });
    expect(calls).toContain('ask');
    expect(touched(calls)).toEqual([]);
  },
);

test('a hotfix goes through a stop, and its way back as well', async () => {
  const hotfix = frozen(100, 600, { priority: 'P0', stopped });
  const takeLooks = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
  const { result } = await sail(env, code, { ...hotfix, takeLooks });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', touched: true });
});
