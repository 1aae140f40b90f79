import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type {
  DeployReport,
  HostState,
  PreviousReleaseReport,
} from '../../../domain/deploy/plan.ts';
import { abort, retry } from '../../../workflows/messages.ts';
import { vercelPlan, vercelState } from '../../support/fake-vercel.ts';
import { newSha, oldSha } from '../../support/plan.ts';
import { approveAtOnce, bundle, runDeploy, timeSkipping } from '../../support/saga.ts';
import type { Handle } from '../../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

type Plan = ReturnType<typeof vercelPlan>;

/** Runs one deploy at Vercel. `inspectHosts` reports the release that the rollback made live. */
function runDeployWith(
  changes: Partial<PlainActivities> = {},
  plan: Partial<Plan> = {},
  during = approveAtOnce,
) {
  const at = (): Promise<HostState[]> => Promise.resolve([vercelState(oldSha)]);
  const given: Partial<PlainActivities> = {
    planDeploy: async () => {
      const now = await env.currentTimeMs();
      const iso = (ms: number) => new Date(ms).toISOString();
      return vercelPlan({ plannedAt: iso(now), notAfter: iso(now + 7_200_000), ...plan });
    },
    inspectHosts: at,
    ...changes,
  };
  return runDeploy(env, code, given, during);
}

const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const verbs =
  /^(publish|production is|find|wait for|smoke|promote|auto-assign|prove|roll back|ask the|record|revert|page stuck)/;
const story = (calls: string[]) => calls.filter((call) => verbs.test(call));
const fails = (type: string, why: string) => async () => {
  throw ApplicationFailure.nonRetryable(why, type);
};
const toTheBuild = [
  'record released',
  'production is dpl_old',
  'publish on main',
  'find the build, it was pushed',
  'wait for dpl_new',
  'smoke dpl_new',
];
const live = [
  ...toTheBuild,
  'production is dpl_old',
  'promote dpl_new',
  'auto-assign off',
  'prove dpl_new',
];
const back = 'roll back to dpl_old';
const badSamples = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
const answer = (status: number) => ({ url: 'u', status, ok: status === 200, detail: `${status}` });
const previousReleaseAnswers =
  (now: number, before: number) => async (): Promise<PreviousReleaseReport[]> => [
    { path: 'core', now: answer(now), before: answer(before) },
  ];

describe('a release', () => {
  test('is published, built, tried, promoted, held and proven, in that order', async () => {
    const { result, calls } = await runDeployWith();
    expect(report(result)).toMatchObject({ outcome: 'succeeded', platform: 'vercel' });
    expect(story(calls)).toEqual([...live, 'smoke', 'record closed']);
  });

  test('that lay on the branch is not waited for long; one that is live already is built anew', async () => {
    const publishCommit = async () => ({ published: 'already' as const });
    const { calls } = await runDeployWith(
      { publishCommit },
      { live: [vercelState(newSha, 'dpl_old')] },
    );
    expect(calls).toContain('find the build, a new one');
  });

  test.each([
    ['checkProduction', failures.rejectedByPlatform, 1],
    ['publishCommit', failures.refused, 2],
    ['pickDeployment', failures.rejectedByPlatform, 3],
    ['awaitDeployment', failures.unhealthyRelease, 4],
    ['smokeDeployment', failures.unhealthyRelease, 5],
  ] as const)('whose %s fails ends untouched: nothing was promoted', async (verb, type, at) => {
    const { result, calls } = await runDeployWith({ [verb]: fails(type, 'it is broken') });
    expect(report(result)).toMatchObject({
      outcome: 'aborted',
      touched: false,
      reasons: ['it is broken'],
    });
    expect(story(calls)).toEqual([...toTheBuild.slice(0, at), 'record closed']);
  });

  test.each(['promoteDeployment', 'turnAutoAssignOff', 'proveProduction'] as const)(
    'whose %s fails is rolled back to the recorded deployment',
    async (verb) => {
      const { result, calls } = await runDeployWith({
        [verb]: fails(failures.rejectedByPlatform, 'no'),
      });
      expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['no'] });
      expect(calls).toContain(back);
    },
  );

  test('whose build is blocked is stuck, a person is paged, and it goes on after retry', async () => {
    let asked = 0;
    const awaitDeployment = async () => {
      asked += 1;
      if (asked === 1) await fails(failures.unavailable, 'it is blocked at Vercel')();
    };
    const { result, calls } = await runDeployWith({ awaitDeployment }, {}, async (handle) => {
      await approveAtOnce(handle);
      await until(handle, (status) => status.stuck !== null);
      await handle.signal(retry);
    });
    expect(report(result).outcome).toBe('succeeded');
    expect(calls.filter((call) => call.startsWith('page'))).toEqual([
      expect.stringMatching(/: gateway production is stuck$/),
    ]);
  });

  test('that is aborted while its build is blocked leaves everything as it was', async () => {
    const awaitDeployment = fails(failures.unavailable, 'it is blocked at Vercel');
    const { result, calls } = await runDeployWith({ awaitDeployment }, {}, async (handle) => {
      await approveAtOnce(handle);
      await until(handle, (status) => status.stuck !== null);
      await handle.signal(abort);
    });
    expect(report(result)).toMatchObject({ outcome: 'aborted', touched: false });
    const called = expect.stringMatching(/^page stuck/);
    expect(story(calls)).toEqual([...toTheBuild.slice(0, 4), called, 'record closed']);
  });
});

describe('the rollback', () => {
  test('of a bad watch is the recorded deployment, after the previous release was checked and works', async () => {
    const changes = {
      takeSamples: badSamples,
      probePreviousRelease: previousReleaseAnswers(500, 200),
    };
    const { result, calls } = await runDeployWith(changes);
    expect(report(result).outcome).toBe('rolled-back');
    expect(story(calls)).toEqual(expect.arrayContaining([back, 'revert main']));
  });

  test('is not proven while another deployment is live, whatever its commit', async () => {
    let samples = 0;
    const inspectHosts = async () => {
      samples += 1;
      return [vercelState(oldSha, samples === 1 ? 'dpl_newer' : 'dpl_old')];
    };
    const { result, calls } = await runDeployWith(
      { takeSamples: badSamples, inspectHosts },
      {},
      async (handle) => {
        await approveAtOnce(handle);
        await until(handle, (status) => status.stuck !== null);
        await handle.signal(retry);
      },
    );
    expect(report(result).outcome).toBe('rolled-back');
    expect(calls.filter((call) => call.startsWith('page'))).toHaveLength(1);
  });

  test('of an adopted deployment without a commit is proven by its id', async () => {
    const inspectHosts = async () => [{ ...vercelState(oldSha), sha: null, runningSha: null }];
    const { result } = await runDeployWith({ takeSamples: badSamples, inspectHosts });
    expect(report(result).outcome).toBe('rolled-back');
  });
});

describe('an outage may be external', () => {
  test('the previous release fails too in the watch: a person is asked, nothing is rolled back', async () => {
    const changes = {
      takeSamples: badSamples,
      probePreviousRelease: previousReleaseAnswers(502, 503),
    };
    let reasons: string[] = [];
    const { result, calls } = await runDeployWith(changes, {}, async (handle) => {
      await approveAtOnce(handle);
      reasons = (await until(handle, ({ phase }) => phase === 'decision')).watch?.reasons ?? [];
    });
    expect(report(result).outcome).toBe('unproven');
    expect(calls).not.toContain(back);
    expect(reasons[0]).toBe(
      'the previous release fails in the same way at its own address: core: u (503). This release did not cause the outage, so a rollback would not help',
    );
  });

  test('the previous release fails too in the smoke test: a person is asked', async () => {
    const checks = [{ path: 'core' as const, outcome: 'failed' as const, detail: '502' }];
    const runSmoke = async () => ({ ok: false, checks });
    const asked = await runDeployWith({
      runSmoke,
      probePreviousRelease: previousReleaseAnswers(502, 503),
    });
    expect(report(asked.result).outcome).toBe('unproven');
    const works = await runDeployWith({
      runSmoke,
      probePreviousRelease: previousReleaseAnswers(502, 200),
    });
    expect(report(works.result)).toMatchObject({ outcome: 'rolled-back', reasons: ['core: 502'] });
  });

  test('without an answer of Vercel the rollback happens', async () => {
    const probePreviousRelease = fails(failures.misconfigured, 'no token');
    const { result } = await runDeployWith({ takeSamples: badSamples, probePreviousRelease });
    expect(report(result).outcome).toBe('rolled-back');
  });
});

type Status = { phase: string; stuck: unknown; watch: { reasons: string[] } | null };
/** Waits until `so` returns true, or until the deploy is closed. Returns the last status. */
async function until(handle: Handle, so: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = (await handle.query('status').catch(() => null)) as Status | null;
    if (status && (so(status) || status.phase === 'closed')) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
