import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { DeployReport, GateReport, Plan } from '../../domain/deploy/plan.ts';
import { cloudflarePlan, cloudflareTarget } from '../support/fake-cloudflare.ts';
import { northflankPlan } from '../support/fake-northflank.ts';
import { vercelPlan } from '../support/fake-vercel.ts';
import { openGate, planFor } from '../support/plan.ts';
import { bundle, runDeploy, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const gradual = { target: { ...cloudflareTarget, rollout: 'gradual' } } as const;
/**
 * For each platform: a name, a plan, the last step before the recheck, and the first effect on the
 * live release.
 */
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

function runDeployWith(
  plan: (changes: Partial<Plan>) => Plan,
  changes: Partial<PlainActivities> = {},
) {
  const planDeploy = async () => {
    const now = await env.currentTimeMs();
    const iso = (ms: number) => new Date(ms).toISOString();
    return plan({ plannedAt: iso(now), notAfter: iso(now + 7_200_000) });
  };
  return runDeploy(env, code, { planDeploy, ...changes });
}

describe.each(platforms)('%s', (_, plan, before, effect) => {
  test('approvals, stop and freeze are asked once more right before the first effect', async () => {
    const { calls, result } = await runDeployWith(plan);
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
    const verifyApprovals: PlainActivities['verifyApprovals'] = async ({ built }) => {
      if (built) throw ApplicationFailure.nonRetryable(why, 'GateClosed');
    };
    const { calls, result } = await runDeployWith(plan, { verifyApprovals });
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false, reasons: [why] },
    });
    expect(calls.some((call) => call.startsWith(before))).toBe(true);
    expect(calls.filter((call) => call.startsWith(effect))).toEqual([]);
  });
});

describe('gates that grew old while it was built', () => {
  const iso = async () => new Date(await env.currentTimeMs()).toISOString();
  /**
   * Fakes for a build of 40 minutes. `again` makes the result of the tests gate after the build.
   */
  const withBuild = (again: (checkedAt: string) => GateReport) => {
    let asked = 0;
    const changes: Partial<PlainActivities> = {
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
    const { calls, result } = await runDeployWith(vercelPlan, red.changes);
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false, reasons: ['tests: ci failed'] },
    });
    expect(calls.filter((call) => call.startsWith('promote'))).toEqual([]);
  });

  test('do not count if only a new waiver keeps one of them open', async () => {
    const waived = withBuild((checkedAt) => ({
      ...openGate('tests', checkedAt),
      waivers: ['GHSA-1'],
    }));
    const { calls, result } = await runDeployWith(vercelPlan, waived.changes);
    expect(report(result)).toMatchObject({
      ...{ outcome: 'gate-closed', touched: false },
      reasons: [expect.stringMatching(/^tests: GHSA-1: waived after the plan was made, /)],
    });
    expect(calls.filter((call) => call.startsWith('promote'))).toEqual([]);
  });

  test('count before a freeze only what is left', async () => {
    const green = withBuild((checkedAt) => openGate('tests', checkedAt));
    // The freeze window begins 82 min after the build. A whole release takes longer, but the steps
    // after the build end before the window begins.
    const planDeploy = async () => {
      const now = await env.currentTimeMs();
      const window = { name: 'the weekend', from: now + 122 * 60_000, to: now + 600 * 60_000 };
      const iso = (ms: number) => new Date(ms).toISOString();
      const times = { plannedAt: iso(now), notAfter: iso(now + 7_200_000) };
      return vercelPlan({ ...times, freezeWindows: [window] });
    };
    const { result } = await runDeployWith(vercelPlan, { ...green.changes, planDeploy });
    expect(report(result)).toMatchObject({ touched: true });
    expect(green.asked()).toBe(2);
  });

  test('and open still, the approvals hold', async () => {
    const green = withBuild((checkedAt) => openGate('tests', checkedAt));
    const { result } = await runDeployWith(vercelPlan, green.changes);
    expect(report(result)).toMatchObject({ touched: true });
    expect(green.asked()).toBe(2);
  });
});
