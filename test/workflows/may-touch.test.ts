import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Activities } from '../../domain/activities.ts';
import type { DeployReport, GateReport, Plan } from '../../domain/plan.ts';
import { cloudflarePlan, cloudflareTarget } from '../support/fake-cloudflare.ts';
import { northflankPlan } from '../support/fake-northflank.ts';
import { vercelPlan } from '../support/fake-vercel.ts';
import { openGate, planFor } from '../support/plan.ts';
import { bundle, sail, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const gradual = { target: { ...cloudflareTarget, rollout: 'gradual' } } as const;
/** What is done before, and the first effect on what is served. */
const platforms: [string, (changes: Partial<Plan>) => Plan, string, string][] = [
  ['a host', planFor, 'stage deploy@one:22', 'switch deploy@one:22 to b'],
  ['Vercel', vercelPlan, 'smoke dpl_new', 'promote dpl_new'],
  ['Northflank', northflankPlan, 'await build', 'deploy build'],
  ['a Worker, at once', cloudflarePlan, 'served is', 'wrangler deploy'],
  ['a Worker, by steps', (it) => cloudflarePlan({ ...it, ...gradual }), 'try', '10 %'],
];
const verified = 'verify the approvals';
const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;

function sailed(plan: (changes: Partial<Plan>) => Plan, changes: Partial<Activities> = {}) {
  const planDeploy = async () => {
    const now = await env.currentTimeMs();
    const iso = (ms: number) => new Date(ms).toISOString();
    return plan({ plannedAt: iso(now), notAfter: iso(now + 7_200_000) });
  };
  return sail(env, code, { planDeploy, ...changes });
}

describe.each(platforms)('%s', (_, plan, before, effect) => {
  test('approvals, stop and freeze are asked once more right before the first effect', async () => {
    const { calls, result } = await sailed(plan);
    expect(report(result)).toMatchObject({ touched: true });
    const first = calls.findIndex((call) => call.startsWith(effect));
    const last = calls.findIndex((call) => call.startsWith(before));
    expect(first).toBeGreaterThan(last);
    const asked = calls.flatMap((call, at) => (call === verified ? [at] : []));
    expect(asked).toHaveLength(2);
    expect(asked[1]).toBeGreaterThan(last);
    expect(asked[1]).toBeLessThan(first);
  });

  test('what forbids it by then leaves production as it is', async () => {
    const why = 'stop: the line is stopped by alice';
    const verifyApprovals: Activities['verifyApprovals'] = async ({ built }) => {
      if (built) throw ApplicationFailure.nonRetryable(why, 'GateClosed');
    };
    const { calls, result } = await sailed(plan, { verifyApprovals });
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false, reasons: [why] },
    });
    expect(calls.some((call) => call.startsWith(before))).toBe(true);
    expect(calls.filter((call) => call.startsWith(effect))).toEqual([]);
  });
});

describe('gates that grew old while it was built', () => {
  const iso = async () => new Date(await env.currentTimeMs()).toISOString();
  /** The build takes 40 minutes; `again` is what CI says then. */
  const withBuild = (again: (checkedAt: string) => GateReport) => {
    let asked = 0;
    const changes: Partial<Activities> = {
      checkTests: async () => {
        asked += 1;
        const checkedAt = await iso();
        return asked === 1 ? openGate('tests', checkedAt) : again(checkedAt);
      },
      awaitDeployment: () => env.sleep('40 minutes'),
    };
    return { changes, asked: () => asked };
  };

  test('are run again: one that closed meanwhile leaves production as it is', async () => {
    const red = withBuild((checkedAt) => ({
      ...{ gate: 'tests', open: false, reasons: ['ci failed'], checkedAt },
    }));
    const { calls, result } = await sailed(vercelPlan, red.changes);
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false, reasons: ['tests: ci failed'] },
    });
    expect(calls.filter((call) => call.startsWith('promote'))).toEqual([]);
  });

  test('count before a freeze only what is left', async () => {
    const green = withBuild((checkedAt) => openGate('tests', checkedAt));
    // Asked for the whole release it would begin too early, 82 min after the build.
    const planDeploy = async () => {
      const now = await env.currentTimeMs();
      const window = { name: 'the weekend', from: now + 122 * 60_000, to: now + 600 * 60_000 };
      const iso = (ms: number) => new Date(ms).toISOString();
      const times = { plannedAt: iso(now), notAfter: iso(now + 7_200_000) };
      return vercelPlan({ ...times, freezes: [window] });
    };
    const { result } = await sailed(vercelPlan, { ...green.changes, planDeploy });
    expect(report(result)).toMatchObject({ touched: true });
    expect(green.asked()).toBe(2);
  });

  test('and open still, the approvals hold', async () => {
    const green = withBuild((checkedAt) => openGate('tests', checkedAt));
    const { result } = await sailed(vercelPlan, green.changes);
    expect(report(result)).toMatchObject({ touched: true });
    expect(green.asked()).toBe(2);
  });
});
