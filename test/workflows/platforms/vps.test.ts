import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { commands } from '../../../activities/platforms/vps/commands.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { planFor } from '../../support/plan.ts';
import { bundle, runDeploy, timeSkipping } from '../../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

/** The longest time that `prepareMinutes` and `startUp` may set. */
const prepareMs = 60 * 60_000;
const startUpMs = 30 * 60_000;

/** The time for one attempt of each activity of a deploy that is rolled back. */
async function attemptsOf(change: Partial<VpsTarget>) {
  const plan = planFor();
  const target = { ...plan.target, prepare: 'make', prepareMs, ...change } as VpsTarget;
  const timing = { ...plan.timing, startUpMs };
  const { handle } = await runDeploy(env, code, {
    planDeploy: async () => ({ ...planFor(), target, timing }),
    runSmoke: async () => ({ ok: false, checks: [] }),
  });
  const { events } = await handle.fetchHistory();
  const scheduled = (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes ?? [],
  );
  const attempts = Object.fromEntries(
    scheduled.map(({ activityType, startToCloseTimeout }) => [
      activityType?.name,
      Number(startToCloseTimeout?.seconds ?? 0) * 1000,
    ]),
  );
  return { target, attempts };
}

const compose = {
  run: 'compose',
  compose: { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' },
} as const;
const inPlace = { checkout: 'in-place' } as const;
test.each<[string, Partial<VpsTarget>]>([
  ['Compose', compose],
  ['Compose, in place', { ...compose, ...inPlace }],
  ['systemd', {}],
  ['systemd, in place', inPlace],
])('each step has the time that its commands on the host may take: %s', async (_, change) => {
  const { target, attempts } = await attemptsOf(change);
  const sha = 'b'.repeat(40);
  const to = { sha, want: null, epoch: 1 };
  const switching = commands.switch(target, to).timeoutMs;
  const restart = commands.restart(target, { to, before: null, startUpMs }).timeoutMs;
  expect(attempts['stageRelease']).toBeGreaterThan(commands.stage(target, to).timeoutMs);
  expect(attempts['switchRelease']).toBeGreaterThan(switching);
  expect(attempts['restartService']).toBeGreaterThan(restart);
  expect(attempts['verifyHost']).toBeGreaterThan(startUpMs);
  expect(attempts['rollBackHost']).toBeGreaterThan(switching + restart + startUpMs);
});
