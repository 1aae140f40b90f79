import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { HostStep } from '../../domain/platforms/vps/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport, DeployStatus } from '../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../domain/platforms/vps/target.ts';
import { timing } from '../../domain/deploy/timing.ts';
import { abort, retry } from '../../workflows/messages.ts';
import { hostState, planFor } from '../support/plan.ts';
import { approveAtOnce, bundle, runDeploy, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const died = () => ApplicationFailure.nonRetryable('its process died', failures.unhealthyRelease);
const process = { mainPid: 7, restarts: 0 };

test('a release that dies a moment after it was healthy is rolled back in the middle of its watch', async () => {
  const looking = Promise.withResolvers<void>();
  const takeSamples: PlainActivities['takeSamples'] = () => {
    looking.resolve();
    return new Promise<never>(() => {});
  };
  const verifyStaysUp = async () => {
    await looking.promise;
    throw died();
  };
  const { result, calls, served } = await runDeploy(env, code, { takeSamples, verifyStaysUp });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['its process died'] });
  expect(calls).toContain('revert main');
  expect(calls).toContain('record quarantine');
  expect([...served.values()]).toEqual([planFor().rollbackTarget?.sha]);
});

test('a watch that passes is no success before it is known that the release stays up', async () => {
  const passed = Promise.withResolvers<void>();
  const verifyStaysUp = async () => {
    await passed.promise;
    throw died();
  };
  // A running activity stops the clock of the test server. So the watch window lasts half a second
  // of real time.
  const planDeploy = async () => planFor({ timing: timing(3600), ...(await aheadOfTime()) });
  const takeSamples: PlainActivities['takeSamples'] = async ({
    startedAt,
    endsAt,
    timing: { sampleMs },
  }) => {
    const from = await env.currentTimeMs();
    await sleep(Math.max(1, endsAt - from));
    const count = Math.ceil((endsAt - from) / sampleMs);
    return Array.from({ length: count }, (_, index) => ({
      at: from - startedAt + index * sampleMs,
      probe: 0 as const,
      log: null,
    }));
  };
  const changes = { planDeploy, takeSamples, verifyStaysUp };
  const { result } = await runDeploy(env, code, changes, async (handle) => {
    await approveAtOnce(handle);
    const verdict = async () => (await handle.query<DeployStatus>('status')).watch?.verdict;
    await expect.poll(verdict, { timeout: 20_000 }).toBe('pass');
    passed.resolve();
  });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['its process died'] });
});

test('a host that could not be read again is stuck beside the watch until it is retried', async () => {
  let reachable = false;
  const verifyStaysUp: PlainActivities['verifyStaysUp'] = async ({ host }) => {
    if (reachable) return hostState(host.name, planFor().sha);
    throw ApplicationFailure.nonRetryable('no route', failures.unavailable);
  };
  const { result } = await runDeploy(env, code, { verifyStaysUp }, async (handle) => {
    await approveAtOnce(handle);
    const step = async () => (await handle.query<DeployStatus>('status')).stuck?.step;
    const wanted = 'verify that deploy@one:22 stays up';
    await expect.poll(step, { timeout: 20_000 }).toBe(wanted);
    reachable = true;
    await handle.signal(retry);
  });
  expect(report(result).outcome).toBe('succeeded');
});

test('a proof that fails while an aborted deploy is rolled back changes nothing', async () => {
  const proving = Promise.withResolvers<void>();
  const rollingBack = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<void>();
  const verifyStaysUp = async () => {
    proving.resolve();
    await rollingBack.promise;
    failed.resolve();
    throw died();
  };
  // The failure must reach the workflow before the rollback ends.
  const whileRestoring = (fake: PlainActivities): Partial<PlainActivities> => ({
    verifyStaysUp,
    rollBackHost: async (step) => {
      rollingBack.resolve();
      await failed.promise;
      await sleep(500);
      return fake.rollBackHost(step);
    },
  });
  const { result, served } = await runDeploy(env, code, whileRestoring, async (handle) => {
    await approveAtOnce(handle);
    await proving.promise;
    await handle.signal(abort);
  });
  expect(report(result)).toMatchObject({
    outcome: 'rolled-back',
    reasons: ['a person sent abort'],
  });
  expect([...served.values()]).toEqual([planFor().rollbackTarget?.sha]);
});

test('every host but the last is proven to stay up before the next one is touched', async () => {
  const told: string[] = [];
  const verifyHost: PlainActivities['verifyHost'] = async ({ host, staysUp = 'now' }) => {
    told.push(`${host.name}: ${staysUp}`);
    return { ...hostState(host.name, planFor().sha), process };
  };
  const verifyStaysUp = async (step: HostStep & { process: typeof process }) => {
    told.push(`${step.host.name}: still ${step.process.mainPid}`);
    return hostState(step.host.name, planFor().sha);
  };
  const planDeploy = async () => planFor({ target: twoHosts(), ...(await aheadOfTime()) });
  const { result } = await runDeploy(env, code, { planDeploy, verifyHost, verifyStaysUp });
  expect(report(result).outcome).toBe('succeeded');
  expect(told).toEqual(['deploy@one:22: now', 'deploy@two:22: later', 'deploy@two:22: still 7']);
});

function twoHosts(): VpsTarget {
  const { target } = planFor();
  const [one] = target.hosts;
  return { ...target, hosts: [one!, { ...one!, name: 'deploy@two:22' }] };
}

async function aheadOfTime() {
  const now = await env.currentTimeMs();
  const notAfter = new Date(now + planFor().timing.expireMs).toISOString();
  return { plannedAt: new Date(now).toISOString(), notAfter };
}
