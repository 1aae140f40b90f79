import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { DeployReport } from '../../../domain/deploy/plan.ts';
import { abort, retry } from '../../../workflows/messages.ts';
import { northflankPlan, site } from '../../support/fake-northflank.ts';
import { hostState, newSha, oldSha } from '../../support/plan.ts';
import { approveAtOnce, bundle, runDeploy, timeSkipping } from '../../support/saga.ts';
import type { Handle } from '../../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

type Plan = ReturnType<typeof northflankPlan>;

function runDeployWith(
  changes: Partial<PlainActivities> = {},
  plan: Partial<Plan> = {},
  during = approveAtOnce,
) {
  const planDeploy = async () => {
    const now = await env.currentTimeMs();
    const iso = (ms: number) => new Date(ms).toISOString();
    return northflankPlan({ plannedAt: iso(now), notAfter: iso(now + 7_200_000), ...plan });
  };
  return runDeploy(env, code, { planDeploy, ...changes }, during);
}

const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const verbs =
  /^(read|publish|adopt|await|still|deploy b|verify b|rollback|smoke|record|revert|page stuck|notify start)/;
const story = (calls: string[]) => calls.filter((call) => verbs.test(call));
const fails = (type: string, why: string) => async () => {
  throw ApplicationFailure.nonRetryable(why, type);
};

const toTheBuild = [
  'record released',
  'read the builds',
  'publish on main',
  'adopt a build of b, just pushed',
  'await build-b',
  'still build-a',
];
const live = [...toTheBuild, 'deploy build-b', 'verify build-b, not before-1'];

test('publish, build, deploy that build, prove it, watch it', async () => {
  const { result, calls } = await runDeployWith();
  expect(report(result)).toMatchObject({ outcome: 'succeeded', platform: 'northflank' });
  expect(story(calls)).toEqual([...live, 'smoke', 'record closed']);
});

test('a commit that is live is built again: what changed beside it is taken up', async () => {
  const again = {
    ...{ sha: oldSha, release: { id: 'aaaaaaaaaaaa-11111111', sha: oldSha } },
    rollbackTarget: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: 'build-a' },
  };
  const adoptBuild: PlainActivities['adoptBuild'] = async ({ again: anew, known }) => ({
    buildId: anew && known.includes('build-a') ? 'build-a2' : 'build-a',
  });
  const changes: Partial<PlainActivities> = {
    adoptBuild,
    readBuilds: async () => ({ known: ['build-a'] }),
    publishCommit: async () => ({ published: 'already' }),
  };
  const { result, calls } = await runDeployWith(changes, again);
  expect(report(result)).toMatchObject({ outcome: 'succeeded' });
  expect(calls).toContain('deploy build-a2');
});

test('a start-up log with errors is reported in the thread', async () => {
  const verifyDeployment: PlainActivities['verifyDeployment'] = async () => ({
    state: hostState(site, newSha),
    errors: ['ERROR cache is cold'],
  });
  const { result, calls } = await runDeployWith({ verifyDeployment });
  expect(report(result).outcome).toBe('succeeded');
  expect(calls).toContain('notify start-up log');
});

describe('before the deploy of a build the live release was not touched', () => {
  test.each<[string, Partial<PlainActivities>, string[]]>([
    [
      'a build that fails',
      { awaitBuild: fails(failures.unhealthyRelease, 'the build ended with FAILURE') },
      toTheBuild.slice(0, 4),
    ],
    [
      'a branch that went elsewhere',
      { publishCommit: fails(failures.refused, 'the build ended with FAILURE') },
      toTheBuild.slice(0, 2),
    ],
    [
      'F15: somebody who deployed meanwhile',
      { checkUnmoved: fails(failures.rejectedByPlatform, 'the build ended with FAILURE') },
      toTheBuild.slice(0, 5),
    ],
  ])('%s closes it without a rollback', async (_, changes, before) => {
    const { result, calls } = await runDeployWith(changes);
    expect(report(result)).toMatchObject({
      ...{ outcome: 'aborted', touched: false },
      reasons: ['the build ended with FAILURE'],
    });
    expect(story(calls)).toEqual([...before, 'record closed']);
  });

  test('an abort while it builds', async () => {
    const started = Promise.withResolvers<void>();
    const awaitBuild = async () => {
      started.resolve();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    };
    const { result, calls } = await runDeployWith({ awaitBuild }, {}, async (handle: Handle) => {
      await approveAtOnce(handle);
      await started.promise;
      await handle.signal(abort);
    });
    expect(report(result)).toMatchObject({ outcome: 'aborted', touched: false });
    expect(calls).not.toContain('deploy build-b');
    expect(story(calls)).not.toContain('rollback build-a');
  });
});

describe('from the deploy of a build on the recorded one is pinned again', () => {
  test('where the order to deploy it fails for good', async () => {
    const deployBuild = fails(failures.misconfigured, 'the token may not do this');
    const { result, calls } = await runDeployWith({ deployBuild });
    expect(report(result)).toMatchObject({
      ...{ outcome: 'rolled-back', reasons: ['the token may not do this'] },
    });
    expect(story(calls)).toEqual([
      ...toTheBuild,
      'rollback build-a',
      'record closed',
      'record incident',
      'record revert',
    ]);
  });

  test('where it never became healthy: the release is to blame, main is reverted', async () => {
    const verifyDeployment = fails(failures.unhealthyRelease, 'the rollout is FAILED');
    const { result, calls } = await runDeployWith({ verifyDeployment });
    expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
    expect(calls).toContain('revert main');
    expect(calls.indexOf('rollback build-a')).toBeLessThan(calls.indexOf('revert main'));
  });

  test('where its containers never ran: the platform is to blame, main stays', async () => {
    const verifyDeployment = fails(failures.rejectedByPlatform, '0 of 1 containers run this build');
    const { result, calls } = await runDeployWith({ verifyDeployment });
    expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
    expect(calls).toContain('rollback build-a');
    expect(calls).not.toContain('revert main');
  });

  test('where its watch fails', async () => {
    const takeSamples = async () =>
      [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
    const { result, calls } = await runDeployWith({ takeSamples });
    expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
    expect(story(calls)).toContain('rollback build-a');
  });

  test('and it does not count as rolled back while another build is live', async () => {
    const verifyDeployment = fails(failures.unhealthyRelease, 'the rollout is FAILED');
    let samples = 0;
    const inspectHosts: PlainActivities['inspectHosts'] = async () => {
      samples += 1;
      const id = samples > 8 ? 'build-a' : 'build-a2';
      return [{ ...hostState(site, oldSha), id }];
    };
    const { result, calls } = await runDeployWith(
      { verifyDeployment, inspectHosts },
      {},
      async (handle) => {
        await approveAtOnce(handle);
        const stuck = async () => {
          const now = (await handle.query('status')) as { stuck: { step: string } | null };
          return now.stuck?.step;
        };
        await expect.poll(stuck).toBe('prove the rollback');
        samples = 8;
        await handle.signal(retry);
      },
    );
    expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
    expect(story(calls).some((call) => call.startsWith('page stuck'))).toBe(true);
  });
});
