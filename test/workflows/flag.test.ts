import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployReport, DeployStatus, Phase, Plan } from '../../domain/deploy/plan.ts';
import { abort, decide, flag, rollback } from '../../workflows/messages.ts';
import { hostState, planFor } from '../support/plan.ts';
import { approveAtOnce, bundle, decision, runDeploy, timeSkipping } from '../support/saga.ts';
import type { Handle } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const minute = 60_000;
const said = { text: 'customers cannot pay', who: 'casey' };
const report = (result: PromiseSettledResult<unknown>) =>
  (result as PromiseFulfilledResult<DeployReport>).value;
const status = (handle: Handle) => handle.query<DeployStatus>('status');

async function inPhase(handle: Handle, phase: Phase) {
  for (let tries = 0; tries < 400; tries += 1) {
    if ((await status(handle)).phase === phase) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the deploy did not reach the phase ${phase}`);
}

/**
 * Samples that last until the test ends them. Until then the test server skips no time. The samples
 * end before their deploy ends.
 */
let endSamples: (() => void) | null = null;
beforeEach(() => {
  endSamples = null;
});
const slowSamples: PlainActivities['takeSamples'] = () =>
  new Promise<never>((_, reject) => {
    endSamples = () => reject(ApplicationFailure.nonRetryable('over', failures.unavailable));
  });
/** Waits for the watch, flags the deploy, and waits for the phase `decision`. */
async function flagged(handle: Handle) {
  await inPhase(handle, 'watch');
  await expect.poll(() => endSamples, { timeout: 20_000 }).not.toBe(null);
  await handle.signal(flag, said);
  await inPhase(handle, 'decision');
  endSamples?.();
  endSamples = null;
  // Waits until the samples have ended. If the deploy ended first, the clock of the test server
  // would stand still for ever.
  const looking = async () =>
    ((await handle.describe()).raw.pendingActivities ?? []).filter(
      ({ activityType }) => activityType?.name === 'takeSamples',
    );
  await expect.poll(looking, { timeout: 20_000 }).toEqual([]);
}
const samplesWithoutData: PlainActivities['takeSamples'] = async ({ endsAt }) => {
  await env.sleep(Math.max(1, endsAt - (await env.currentTimeMs())));
  return [{ at: 0, probe: null, log: null }];
};
const planned =
  (changes: Partial<Plan>): PlainActivities['planDeploy'] =>
  async () => {
    const now = await env.currentTimeMs();
    const notAfter = new Date(now + 120 * minute).toISOString();
    return planFor({ plannedAt: new Date(now).toISOString(), notAfter, ...changes });
  };

/** Records when the rollback begins, in the time of the test server. */
function rollbackClock() {
  const seen = { at: 0 };
  const rollBackHost: PlainActivities['rollBackHost'] = async ({ host, release }) => {
    seen.at = await env.currentTimeMs();
    return hostState(host.name, release.sha);
  };
  const inspectHosts: PlainActivities['inspectHosts'] = async () => planFor().live;
  return { seen, rollingBack: { rollBackHost, inspectHosts } };
}

describe('a flag in the watch', () => {
  test('without an answer: asks at once and rolls back after 15 min, main reverted', async () => {
    const { seen, rollingBack } = rollbackClock();
    let asked: DeployStatus | null = null;
    let from = 0;
    const changes = { takeSamples: slowSamples, ...rollingBack };
    const { result, calls } = await runDeploy(env, code, changes, async (running) => {
      await approveAtOnce(running);
      await inPhase(running, 'watch');
      from = await env.currentTimeMs();
      await flagged(running);
      asked = await status(running);
    });
    const detail =
      'a person flagged it: "customers cannot pay" (says casey, unsigned); nobody answered in time';
    expect(report(result)).toMatchObject({ outcome: 'rolled-back', reasons: [detail] });
    expect(seen.at - from).toBeGreaterThanOrEqual(15 * minute);
    expect(seen.at - from).toBeLessThan(16 * minute);
    const ends = new Date(from + 15 * minute).toISOString().slice(11, 15);
    expect(asked).toMatchObject({
      doThis: expect.stringMatching(/bad: plimsoll rollback gateway .*; good: .* keep /),
      waitingFor: expect.stringContaining(
        `a person: "customers cannot pay" (says casey, unsigned); if nobody signs keep, the release is rolled back at ${ends}`,
      ),
    });
    expect(calls).toContain('record flag');
    expect(calls).toContain('record quarantine');
    expect(calls).toContain('revert main');
  });

  test('a signed keep keeps it, unproven; the report is recorded with the end', async () => {
    const closed: Record<string, unknown>[] = [];
    const append: PlainActivities['append'] = async ({ kind, body }) =>
      void (kind === 'closed' && closed.push(body));
    const changes = { takeSamples: slowSamples, append };
    const { result, calls } = await runDeploy(env, code, changes, async (running) => {
      await approveAtOnce(running);
      await flagged(running);
      await running.signal(decide, decision('bob', 'approve'));
    });
    expect(report(result).outcome).toBe('unproven');
    expect(calls.some((call) => call.startsWith('rollback'))).toBe(false);
    expect(closed).toMatchObject([{ outcome: 'unproven', flags: [said] }]);
  });

  test('rollback blames what was flagged, abort blames nobody', async () => {
    for (const [order, reverted] of [
      [rollback, true],
      [abort, false],
    ] as const) {
      const { result, calls } = await runDeploy(
        env,
        code,
        { takeSamples: slowSamples },
        async (running) => {
          await approveAtOnce(running);
          await flagged(running);
          await running.signal(order);
        },
      );
      expect(report(result).outcome).toBe('rolled-back');
      expect(calls.includes('revert main')).toBe(reverted);
    }
  });

  test('an automatic environment waits for a person as well', async () => {
    const { rule } = planFor();
    const changes = {
      takeSamples: slowSamples,
      planDeploy: planned({ rule: { ...rule, required: 0 } }),
    };
    const { result } = await runDeploy(env, code, changes, async (running) => {
      await flagged(running);
    });
    expect(report(result).outcome).toBe('rolled-back');
  });
});

test('a flag while people are asked already shortens the question to 15 min', async () => {
  const { seen, rollingBack } = rollbackClock();
  let from = 0;
  const changes = { takeSamples: samplesWithoutData, ...rollingBack };
  const { result } = await runDeploy(env, code, changes, async (running) => {
    await approveAtOnce(running);
    while ((await status(running)).phase !== 'decision') await env.sleep(minute);
    await env.sleep(20 * minute);
    from = await env.currentTimeMs();
    await running.signal(flag, 'all pages are empty');
  });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
  expect(report(result).reasons[0]).toContain('"all pages are empty" (says somebody, unsigned)');
  expect(seen.at - from).toBeLessThan(16 * minute);
  expect(seen.at - from).toBeGreaterThanOrEqual(15 * minute);
});

test('a flag before anything is live changes nothing', async () => {
  const { result, calls } = await runDeploy(env, code, {}, async (running) => {
    await running.signal(flag, said);
    await approveAtOnce(running);
  });
  expect(report(result).outcome).toBe('succeeded');
  expect(calls).not.toContain('record flag');
});

test('a flag while it is rolled out asks as soon as it is live, without judging first', async () => {
  let release = () => {};
  const restartService: PlainActivities['restartService'] = async () => {
    await new Promise<void>((resolve) => (release = resolve));
    return { restarted: 'done', invocationId: 'after' };
  };
  const { result, calls } = await runDeploy(env, code, { restartService }, async (running) => {
    await approveAtOnce(running);
    await inPhase(running, 'release');
    await running.signal(flag, said);
    await expect.poll(async () => (await status(running)).flags?.length).toBe(1);
    await expect
      .poll(() => (release(), status(running).then(({ phase }) => phase)))
      .toBe('decision');
    await running.signal(decide, decision('bob', 'reject'));
  });
  expect(report(result)).toMatchObject({ outcome: 'rolled-back' });
  expect(report(result).reasons[0]).toContain('; rejected by bob');
  expect(calls).not.toContain('smoke');
});

describe('an outage in the watch', () => {
  const dependencies = ['https://pay.example/health'];
  const watch = { ...planFor().watch, dependencies };
  const failing: PlainActivities['takeSamples'] = async () =>
    [0, 1, 2, 3].map((at) => ({ at, probe: 1 as const, log: null, note: 'core: 502' }));
  const answer =
    (ok: boolean): PlainActivities['probeDependencies'] =>
    async () =>
      dependencies.map((url) => ({ url, ok, detail: ok ? '200' : 'connection refused, twice' }));
  const planDeploy = planned({ watch });

  test('with a dependency down asks instead of rolling back', async () => {
    let asked: DeployStatus | null = null;
    const changes = { planDeploy, takeSamples: failing, probeDependencies: answer(false) };
    const { result, calls } = await runDeploy(env, code, changes, async (running) => {
      await approveAtOnce(running);
      await inPhase(running, 'decision').catch(() => {});
      asked = await status(running);
    });
    expect(report(result).outcome).toBe('unproven');
    expect(asked).toMatchObject({
      watch: {
        verdict: 'inconclusive',
        reasons: [
          'a declared dependency is down: https://pay.example/health (connection refused, twice). The previous release needs it as well, so a rollback would not help',
          expect.stringMatching(/^probes: .+\. Bad since sample 4 /),
        ],
      },
    });
    expect(calls.some((call) => call.startsWith('rollback'))).toBe(false);
    expect(calls).not.toContain('revert main');
  });

  test.each<[string, Partial<PlainActivities>]>([
    ['with the dependencies up', { probeDependencies: answer(true), planDeploy }],
    [
      'with one that was down before the deploy',
      {
        probeDependencies: answer(false),
        planDeploy: planned({
          watch,
          dependencies: dependencies.map((url) => ({ url, ok: false, detail: '503, twice' })),
        }),
      },
    ],
    [
      'where nobody can ask them',
      {
        planDeploy,
        probeDependencies: async () => {
          throw ApplicationFailure.nonRetryable('no network', failures.unavailable);
        },
      },
    ],
    ['with none declared', {}],
  ])('%s rolls back as usual', async (_, given) => {
    const { result, calls } = await runDeploy(env, code, { takeSamples: failing, ...given });
    expect(report(result).outcome).toBe('rolled-back');
    expect(calls).toContain('revert main');
  });
});
