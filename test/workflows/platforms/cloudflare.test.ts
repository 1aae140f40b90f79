import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PlainActivities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { DeployReport, HostState, Sample, Plan } from '../../../domain/deploy/plan.ts';
import { abort } from '../../../workflows/messages.ts';
import {
  cloudflarePlan,
  cloudflareState,
  cloudflareTarget,
} from '../../support/fake-cloudflare.ts';
import { oldSha } from '../../support/plan.ts';
import { approveAtOnce, bundle, runDeploy, timeSkipping } from '../../support/saga.ts';
import type { Handle } from '../../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const gradual: Partial<Plan> = { target: { ...cloudflareTarget, rollout: 'gradual' } };
const nothingLive: Partial<Plan> = { live: [], rollbackTarget: null };

/** Runs one deploy of a Worker. `inspectHosts` reports the release that the rollback made live. */
function runDeployWith(
  changes: Partial<PlainActivities> = {},
  plan: Partial<Plan> = {},
  during = approveAtOnce,
) {
  const given: Partial<PlainActivities> = {
    planDeploy: async () => {
      const now = await env.currentTimeMs();
      const iso = (ms: number) => new Date(ms).toISOString();
      return cloudflarePlan({ plannedAt: iso(now), notAfter: iso(now + 7_200_000), ...plan });
    },
    inspectHosts: async (): Promise<HostState[]> => [cloudflareState(oldSha)],
    ...changes,
  };
  return runDeploy(env, code, given, during);
}

const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const verbs =
  /^(served is|wrangler|upload|try|10 %|all to|ask v-|set trig|prove|roll back|smoke|record (rel|clo)|revert|page)/;
const story = (calls: string[]) => calls.filter((call) => verbs.test(call));
const fails = (type: string, why: string) => async () => {
  throw ApplicationFailure.nonRetryable(why, type);
};
const badSamples = async () => [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null }));
const begin = ['record released', 'served is v-old'];
const atOnce = [...begin, 'wrangler deploy', 'prove v-new'];
const toItsAddress = [...begin, 'upload v-new', 'try v-new', 'served is v-old'];
const bySteps = [
  ...toItsAddress,
  '10 % to v-new, the rest to v-old',
  'ask v-new beside v-old',
  'all to v-new',
  'set triggers',
  'prove v-new',
];
const back = 'roll back to v-old';

describe('a release', () => {
  test('at once is deployed and proven', async () => {
    const { result, calls } = await runDeployWith();
    expect(report(result)).toMatchObject({ outcome: 'succeeded', platform: 'cloudflare' });
    expect(story(calls)).toEqual([...atOnce, 'smoke', 'record closed']);
  });

  test('by steps is uploaded, tried, given a part, asked there, given all, and proven', async () => {
    const { result, calls } = await runDeployWith({}, gradual);
    expect(report(result).outcome).toBe('succeeded');
    expect(story(calls)).toEqual([...bySteps, 'smoke', 'record closed']);
  });

  test('that is the first has nothing to share with: it is deployed at once', async () => {
    const { calls } = await runDeployWith({}, { ...gradual, ...nothingLive });
    expect(story(calls).slice(0, 4)).toEqual([
      'record released',
      'served is null',
      ...atOnce.slice(2),
    ]);
  });

  test('that wrangler refused, while the previous version still serves, touched nothing', async () => {
    const deployWorker = async () => ({ untouched: 'it does not build' });
    const { result, calls } = await runDeployWith({ deployWorker });
    expect(report(result)).toMatchObject({
      outcome: 'aborted',
      touched: false,
      reasons: ['it does not build'],
    });
    expect(story(calls)).toEqual([...begin, 'record closed']);
  });

  test.each([
    ['checkServed', 1],
    ['uploadVersion', 2],
    ['smokeVersion', 3],
  ] as const)('by steps whose %s fails touched nothing', async (verb, at) => {
    const { result, calls } = await runDeployWith(
      { [verb]: fails(failures.refused, 'no') },
      gradual,
    );
    expect(report(result)).toMatchObject({ outcome: 'aborted', touched: false, reasons: ['no'] });
    expect(story(calls)).toEqual([...toItsAddress.slice(0, at), 'record closed']);
  });

  test.each(['shareTraffic', 'holdShare', 'setTriggers', 'proveWorker'] as const)(
    'by steps whose %s fails is rolled back to the recorded version',
    async (verb) => {
      const changes = { [verb]: fails(failures.unhealthyRelease, 'it is sick') };
      const { result, calls } = await runDeployWith(changes, gradual);
      expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: ['it is sick'] });
      expect(story(calls)).toEqual(expect.arrayContaining([back, 'revert main']));
    },
  );

  test('that is aborted while it has 10 % is rolled back, and main is left alone', async () => {
    const holdShare = fails(failures.unavailable, 'the outage is elsewhere');
    const { result, calls } = await runDeployWith({ holdShare }, gradual, async (handle) => {
      await approveAtOnce(handle);
      await until(handle, (status) => status.stuck !== null);
      await handle.signal(abort);
    });
    expect(report(result).outcome).toBe('rolled-back');
    expect(story(calls)).toContain(back);
    expect(story(calls)).not.toContain('revert main');
  });

  test('whose watch turns bad is rolled back', async () => {
    const { result, calls } = await runDeployWith({ takeSamples: badSamples });
    expect(report(result).outcome).toBe('rolled-back');
    expect(story(calls).slice(0, 6)).toEqual([...atOnce, 'smoke', back]);
    expect(story(calls)).toContain('revert main');
  });

  test('across a migration is not rolled back: a person is paged, with the reason', async () => {
    const noReturn = 'it brings the Durable Object migration "v1"';
    const plan = { rollbackTarget: null, noReturn };
    let why: string | undefined;
    const { result, calls } = await runDeployWith(
      { takeSamples: badSamples },
      plan,
      async (handle) => {
        await approveAtOnce(handle);
        why = (await until(handle, ({ phase }) => phase === 'closed')).cause?.detail;
      },
    );
    expect(report(result).outcome).toBe('rollback-failed');
    expect(why).toBe(noReturn);
    expect(story(calls)).not.toContain(back);
    expect(calls.filter((call) => call.startsWith('page'))).not.toEqual([]);
  });
});

describe('the watch', () => {
  test('waits for numbers that come late, then judges', async () => {
    let segments = 0;
    const takeSamples: PlainActivities['takeSamples'] = async ({
      startedAt,
      endsAt,
      earlier,
      timing,
    }) => {
      segments += 1;
      const from = (earlier.at(-1)?.at ?? 0) + timing.sampleMs;
      const count = Math.max(0, Math.floor((endsAt - startedAt - from) / timing.sampleMs) + 1);
      await env.sleep(endsAt - (await env.currentTimeMs()));
      return Array.from({ length: count }, (_, n): Sample => ({
        at: from + n * timing.sampleMs,
        probe: 0,
        log: [0, 9],
        lag: 240_000,
      }));
    };
    const { result } = await runDeployWith({ takeSamples });
    expect(report(result).outcome).toBe('succeeded');
    // The window has six segments of five minutes. The seventh segment waits for the last data of
    // the window, which arrives four minutes late.
    expect(segments).toBe(7);
  });
});

type Status = { phase: string; stuck: unknown; cause: { detail: string } | null };
/** Waits until `so` returns true, or until the deploy is closed. Returns the last status. */
async function until(handle: Handle, so: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = (await handle.query('status').catch(() => null)) as Status | null;
    if (status && (so(status) || status.phase === 'closed')) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
