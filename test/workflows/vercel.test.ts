import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { DeployReport, HostState, TwinReport } from '../../domain/plan.ts';
import { abort, retry } from '../../workflows/messages.ts';
import { vercelPlan, vercelState } from '../support/fake-vercel.ts';
import { newSha, oldSha } from '../support/plan.ts';
import { approveAtOnce, bundle, sail, timeSkipping } from '../support/saga.ts';
import type { Handle } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

type Plan = ReturnType<typeof vercelPlan>;

/** One deploy at Vercel; `inspectHosts` says what the way back made live. */
function sailed(
  changes: Partial<Activities> = {},
  plan: Partial<Plan> = {},
  during = approveAtOnce,
) {
  const at = (): Promise<HostState[]> => Promise.resolve([vercelState(oldSha)]);
  const given: Partial<Activities> = {
    planDeploy: async () => {
      const now = await env.currentTimeMs();
      const iso = (ms: number) => new Date(ms).toISOString();
      return vercelPlan({ plannedAt: iso(now), notAfter: iso(now + 7_200_000), ...plan });
    },
    inspectHosts: at,
    ...changes,
  };
  return sail(env, code, given, during);
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
const badLooks = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
const answer = (status: number) => ({ url: 'u', status, ok: status === 200, detail: `${status}` });
const twinOf = (now: number, before: number) => async (): Promise<TwinReport[]> => [
  { path: 'core', now: answer(now), before: answer(before) },
];

describe('a release', () => {
  test('is published, built, tried, promoted, held and proven, in that order', async () => {
    const { result, calls } = await sailed();
    expect(report(result)).toMatchObject({ outcome: 'succeeded', platform: 'vercel' });
    expect(story(calls)).toEqual([...live, 'smoke', 'record closed']);
  });

  test('that lay on the branch is not waited for long; one that is live already is built anew', async () => {
    const publishCommit = async () => ({ published: 'already' as const });
    const { calls } = await sailed({ publishCommit }, { live: [vercelState(newSha, 'dpl_old')] });
    expect(calls).toContain('find the build, a new one');
  });

  test.each([
    ['checkProduction', failures.rejectedByPlatform, 1],
    ['publishCommit', failures.refused, 2],
    ['pickDeployment', failures.rejectedByPlatform, 3],
    ['awaitDeployment', failures.unhealthyRelease, 4],
    ['smokeDeployment', failures.unhealthyRelease, 5],
  ] as const)('whose %s fails ends untouched: nothing was promoted', async (verb, type, at) => {
    const { result, calls } = await sailed({ [verb]: fails(type, 'it is broken') });
    expect(report(result)).toMatchObject({
      outcome: 'aborted',
      touched: false,
      reasons: ['it is broken'],
    });
    expect(story(calls)).toEqual([...toTheBuild.slice(0, at), 'record closed']);
  });

  test.each(['promoteDeployment', 'turnAutoAssignOff', 'proveProduction'] as const)(
    'whose %s fails goes back to the recorded deployment',
    async (verb) => {
      const { result, calls } = await sailed({ [verb]: fails(failures.rejectedByPlatform, 'no') });
      expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['no'] });
      expect(calls).toContain(back);
    },
  );

  test('whose build is blocked is stuck, a person is called, and it goes on after retry', async () => {
    let asked = 0;
    const awaitDeployment = async () => {
      asked += 1;
      if (asked === 1) await fails(failures.unavailable, 'it is blocked at Vercel')();
    };
    const { result, calls } = await sailed({ awaitDeployment }, {}, async (handle) => {
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
    const { result, calls } = await sailed({ awaitDeployment }, {}, async (handle) => {
      await approveAtOnce(handle);
      await until(handle, (status) => status.stuck !== null);
      await handle.signal(abort);
    });
    expect(report(result)).toMatchObject({ outcome: 'aborted', touched: false });
    const called = expect.stringMatching(/^page stuck/);
    expect(story(calls)).toEqual([...toTheBuild.slice(0, 4), called, 'record closed']);
  });
});

describe('the way back', () => {
  test('of a bad watch is the recorded deployment, once the release before was asked and works', async () => {
    const changes = { takeLooks: badLooks, probeTwin: twinOf(500, 200) };
    const { result, calls } = await sailed(changes);
    expect(report(result).outcome).toBe('rolled-back');
    expect(story(calls)).toEqual(expect.arrayContaining([back, 'revert main']));
  });

  test('is not proven while another deployment is live, whatever its commit', async () => {
    let looks = 0;
    const inspectHosts = async () => {
      looks += 1;
      return [vercelState(oldSha, looks === 1 ? 'dpl_newer' : 'dpl_old')];
    };
    const { result, calls } = await sailed(
      { takeLooks: badLooks, inspectHosts },
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
    const { result } = await sailed({ takeLooks: badLooks, inspectHosts });
    expect(report(result).outcome).toBe('rolled-back');
  });
});

describe('is it us?', () => {
  test('the release before fails alike in the watch: a person is asked, nothing goes back', async () => {
    const changes = { takeLooks: badLooks, probeTwin: twinOf(502, 503) };
    let reasons: string[] = [];
    const { result, calls } = await sailed(changes, {}, async (handle) => {
      await approveAtOnce(handle);
      reasons = (await until(handle, ({ phase }) => phase === 'ask')).watch?.reasons ?? [];
    });
    expect(report(result).outcome).toBe('unproven');
    expect(calls).not.toContain(back);
    expect(reasons[0]).toBe(
      'the release before fails alike at its own address: core: u (503). This outage is not of this release, so going back would not help',
    );
  });

  test('the release before fails alike in the smoke test: a person is asked', async () => {
    const checks = [{ path: 'core' as const, outcome: 'failed' as const, detail: '502' }];
    const runSmoke = async () => ({ ok: false, checks });
    const asked = await sailed({ runSmoke, probeTwin: twinOf(502, 503) });
    expect(report(asked.result).outcome).toBe('unproven');
    const works = await sailed({ runSmoke, probeTwin: twinOf(502, 200) });
    expect(report(works.result)).toMatchObject({ outcome: 'rolled-back', reasons: ['core: 502'] });
  });

  test('a Vercel that refuses to say keeps nothing from going back', async () => {
    const probeTwin = fails(failures.misconfigured, 'no token');
    const { result } = await sailed({ takeLooks: badLooks, probeTwin });
    expect(report(result).outcome).toBe('rolled-back');
  });
});

type Status = { phase: string; stuck: unknown; watch: { reasons: string[] } | null };
/** Or until it is closed: then there is nothing left to wait for. */
async function until(handle: Handle, so: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = (await handle.query('status').catch(() => null)) as Status | null;
    if (status && (so(status) || status.phase === 'closed')) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
