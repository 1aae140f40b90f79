import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Activities, HostStep } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { DeployReport, DeployStatus, VpsTarget } from '../../domain/plan.ts';
import { timing } from '../../domain/policy/timing.ts';
import { retry } from '../../workflows/messages.ts';
import { hostState, planFor } from '../support/plan.ts';
import { approveAtOnce, bundle, sail, timeSkipping } from '../support/saga.ts';

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

test('a release that dies a moment after it was healthy goes back in the middle of its watch', async () => {
  const looking = Promise.withResolvers<void>();
  const takeLooks: Activities['takeLooks'] = () => {
    looking.resolve();
    return new Promise<never>(() => {});
  };
  const verifyStaysUp = async () => {
    await looking.promise;
    throw died();
  };
  const { result, calls, served } = await sail(env, code, { takeLooks, verifyStaysUp });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['its process died'] });
  expect(calls).toContain('revert main');
  expect(calls).toContain('record quarantine');
  expect([...served.values()]).toEqual([planFor().restoreTo?.sha]);
});

test('a watch that passes is no success before it is known that the release stays up', async () => {
  const passed = Promise.withResolvers<void>();
  const verifyStaysUp = async () => {
    await passed.promise;
    throw died();
  };
  // An activity under way holds the clock of the test server: this window passes in its real half second.
  const planDeploy = async () => planFor({ timing: timing(3600), ...(await aheadOfTime()) });
  const takeLooks: Activities['takeLooks'] = async ({ startedAt, endsAt, timing: { lookMs } }) => {
    const from = await env.currentTimeMs();
    await sleep(Math.max(1, endsAt - from));
    const count = Math.ceil((endsAt - from) / lookMs);
    return Array.from({ length: count }, (_, index) => ({
      at: from - startedAt + index * lookMs,
      probe: 0 as const,
      log: null,
    }));
  };
  const changes = { planDeploy, takeLooks, verifyStaysUp };
  const { result } = await sail(env, code, changes, async (handle) => {
    await approveAtOnce(handle);
    const verdict = async () => (await handle.query<DeployStatus>('status')).watch?.verdict;
    await expect.poll(verdict, { timeout: 20_000 }).toBe('pass');
    passed.resolve();
  });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['its process died'] });
});

test('a host that could not be seen again is stuck beside the watch until it is retried', async () => {
  let reachable = false;
  const verifyStaysUp: Activities['verifyStaysUp'] = async ({ host }) => {
    if (reachable) return hostState(host.name, planFor().sha);
    throw ApplicationFailure.nonRetryable('no route', failures.unavailable);
  };
  const { result } = await sail(env, code, { verifyStaysUp }, async (handle) => {
    await approveAtOnce(handle);
    const step = async () => (await handle.query<DeployStatus>('status')).stuck?.step;
    const wanted = 'verify that deploy@one:22 stays up';
    await expect.poll(step, { timeout: 20_000 }).toBe(wanted);
    reachable = true;
    await handle.signal(retry);
  });
  expect(report(result).outcome).toBe('succeeded');
});

test('every host but the last is proven to stay up before the next one is touched', async () => {
  const told: string[] = [];
  const verifyHost: Activities['verifyHost'] = async ({ host, staysUp = 'now' }) => {
    told.push(`${host.name}: ${staysUp}`);
    return { ...hostState(host.name, planFor().sha), process };
  };
  const verifyStaysUp = async (step: HostStep & { process: typeof process }) => {
    told.push(`${step.host.name}: still ${step.process.mainPid}`);
    return hostState(step.host.name, planFor().sha);
  };
  const planDeploy = async () => planFor({ target: twoHosts(), ...(await aheadOfTime()) });
  const { result } = await sail(env, code, { planDeploy, verifyHost, verifyStaysUp });
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
