import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport, HostState, Plan, Release } from '../../domain/deploy/plan.ts';
import { abort } from '../../workflows/messages.ts';
import { cloudflarePlan, cloudflareState, cloudflareTarget } from '../support/fake-cloudflare.ts';
import { northflankPlan, site } from '../support/fake-northflank.ts';
import { vercelPlan, vercelState } from '../support/fake-vercel.ts';
import { hostState, oldSha, planFor, sha } from '../support/plan.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { approveAtOnce, bundle, runDeploy, timeSkipping } from '../support/saga.ts';
import type { Handle } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

type Verb = keyof PlainActivities;
type Waters = {
  plan: (changes: Partial<Plan>) => Plan;
  live: HostState;
  /**
   * `before` = activities that do not change the live release. `after` = activities that may change
   * the live release.
   */
  before: Verb[];
  after: Verb[];
  /** The call that rolls back. It must name the rollback target of the plan. */
  back: string;
};

const gradual = { target: { ...cloudflareTarget, rollout: 'gradual' as const } };
const platforms: Record<string, Waters> = {
  vps: {
    plan: planFor,
    live: hostState('deploy@one:22', oldSha),
    before: ['stageRelease'],
    after: ['switchRelease', 'restartService', 'verifyHost'],
    back: 'rollback deploy@one:22 to a',
  },
  northflank: {
    plan: northflankPlan,
    live: { ...hostState(site, oldSha), id: 'build-a' },
    before: ['readBuilds', 'publishCommit', 'adoptBuild', 'awaitBuild', 'checkUnmoved'],
    after: ['deployBuild', 'verifyDeployment'],
    back: 'rollback build-a',
  },
  vercel: {
    plan: vercelPlan,
    live: vercelState(oldSha),
    before: ['checkProduction', 'publishCommit', 'pickDeployment', 'smokeDeployment'],
    after: ['promoteDeployment', 'turnAutoAssignOff', 'proveProduction'],
    back: 'roll back to dpl_old',
  },
  'cloudflare, at once': {
    plan: cloudflarePlan,
    live: cloudflareState(oldSha),
    before: ['checkServed'],
    after: ['deployWorker', 'proveWorker'],
    back: 'roll back to v-old',
  },
  'cloudflare, by steps': {
    plan: (changes) => cloudflarePlan({ ...gradual, ...changes }),
    live: cloudflareState(oldSha),
    before: ['checkServed', 'uploadVersion', 'smokeVersion'],
    after: ['shareTraffic', 'holdShare', 'setTriggers', 'proveWorker'],
    back: 'roll back to v-old',
  },
};
const platformCases = Object.entries(platforms);
const steps = (which: 'before' | 'after') =>
  platformCases.flatMap(([name, one]) => one[which].map((verb): [string, Verb] => [name, verb]));

async function runDeployWith(
  name: string,
  changes: Partial<PlainActivities>,
  {
    plan = {},
    during = approveAtOnce,
  }: { plan?: Partial<Plan>; during?: typeof approveAtOnce } = {},
) {
  const { plan: planOf, live, back } = platforms[name] as Waters;
  const given: Partial<PlainActivities> = {
    planDeploy: async () => {
      const now = await env.currentTimeMs();
      const iso = (ms: number) => new Date(ms).toISOString();
      return planOf({ plannedAt: iso(now), notAfter: iso(now + 7_200_000), ...plan });
    },
    inspectHosts: async () => [live],
    ...changes,
  };
  const { result, calls } = await runDeploy(env, code, given, during);
  const report = (result as PromiseFulfilledResult<DeployReport>).value;
  const rollbacks = calls.filter((call) => /^(rollback|roll back)/.test(call));
  return { report, calls, rollbacks, back };
}

const broken = (type: string) => async () => {
  throw ApplicationFailure.nonRetryable('it is broken', type);
};

/** Sends three aborts while the activity `verb` runs. After that the activity succeeds. */
async function interrupted(name: string, verb: Verb) {
  const begun = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const act = fakeActivities(Date.now).activities[verb] as (input: unknown) => Promise<unknown>;
  const held = async (input: unknown) => {
    begun.resolve();
    await heard.promise;
    return await act(input);
  };
  const during = async (handle: Handle) => {
    await approveAtOnce(handle);
    await begun.promise;
    for (let order = 0; order < 3; order += 1) await handle.signal(abort);
    // The query comes after the aborts. The answer proves that the workflow has received all
    // aborts.
    await handle.query('status');
    heard.resolve();
  };
  return await runDeployWith(name, { [verb]: held }, { during });
}

const aftermath = (calls: string[]) =>
  calls.filter((call) => /^(record (incident|quarantine)|revert)/.test(call));

describe('an abort rolls back once, whatever step it interrupts (F4)', () => {
  test.each(steps('after'))('%s: %s', async (name, verb) => {
    const { report, calls, rollbacks, back } = await interrupted(name, verb);
    expect(report).toMatchObject({ outcome: 'rolled-back', reasons: ['a person sent abort'] });
    expect(rollbacks).toEqual([back]);
    expect(calls).not.toContain('smoke');
    expect(calls).not.toContain('revert main');
  });
});

describe('an abort with nothing live yet changes nothing (F5)', () => {
  test.each(steps('before'))('%s: %s', async (name, verb) => {
    const { report, rollbacks, calls } = await interrupted(name, verb);
    expect(report).toMatchObject({ outcome: 'aborted', touched: false });
    expect(rollbacks).toEqual([]);
    expect(aftermath(calls)).toEqual([]);
  });
});

test('an abort after the end changes nothing (F5)', async () => {
  const { report, rollbacks } = await runDeployWith(
    'vercel',
    {},
    {
      during: async (handle) => {
        await approveAtOnce(handle);
        await handle.result();
        await expect(handle.signal(abort)).rejects.toThrow(/completed/i);
      },
    },
  );
  expect(report.outcome).toBe('succeeded');
  expect(rollbacks).toEqual([]);
});

const names = platformCases.map(([name]) => name);

test.each(names)(
  'the rollback uses the recorded target, not the last proven or newest release (F8), and nothing deploys the bad release again (F10): %s',
  async (name) => {
    const { live } = platforms[name] as Waters;
    const lastProven: Release = { id: 'cccccccccccc-00000000', sha: sha('c'), platformId: 'c' };
    const plan = { lastProven, live: [{ ...live, ids: { [oldSha]: 'newer', [sha('c')]: 'c' } }] };
    const takeSamples = async () =>
      [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
    const { report, calls, back } = await runDeployWith(name, { takeSamples }, { plan });
    expect(report.outcome).toBe('rolled-back');
    expect(calls.filter((call) => /^(rollback|roll back|record|revert)/.test(call))).toEqual([
      ...['record released', back, 'record closed', 'record incident', 'record quarantine'],
      ...['revert main', 'record revert'],
    ]);
  },
);

test.each(names)(
  'a deploy that fails before it is live rolls nothing back (F9): %s',
  async (name) => {
    const verb = platforms[name]?.before.at(-1) as Verb;
    const { report, rollbacks, calls } = await runDeployWith(name, {
      [verb]: broken(failures.unhealthyRelease),
    });
    expect(report).toMatchObject({ outcome: 'aborted', touched: false, reasons: ['it is broken'] });
    expect(rollbacks).toEqual([]);
    expect(aftermath(calls)).toEqual([]);
  },
);

test.each([
  ['northflank', 'checkUnmoved'],
  ['vercel', 'checkProduction'],
  ['cloudflare, at once', 'checkServed'],
  ['cloudflare, by steps', 'checkServed'],
] as const)('a deploy that somebody overtook does not go live (F15): %s', async (name, verb) => {
  const { report, rollbacks, calls } = await runDeployWith(name, {
    [verb]: broken(failures.rejectedByPlatform),
  });
  expect(report).toMatchObject({ outcome: 'aborted', touched: false });
  expect(rollbacks).toEqual([]);
  expect(calls).not.toContain('smoke');
});
