import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { abort, decide } from '../../workflows/messages.ts';
import { planFor } from '../support/plan.ts';
import { bundle, decision, runDeploy, timeSkipping } from '../support/saga.ts';
import type { Handle } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const planDeploy =
  (slack: boolean): PlainActivities['planDeploy'] =>
  async () => {
    const plan = planFor();
    const people = { required: 2 as const, eligible: ['bob', 'carol'] };
    const rule = { ...plan.rule, ...people, ...(slack ? { slack: 'all' as const } : {}) };
    const now = await env.currentTimeMs();
    return { ...plan, rule, notAfter: new Date(now + plan.timing.expireMs).toISOString() };
  };

/** Runs a deploy and returns the texts that its Slack messages show, in order. */
async function shown(people: (handle: Handle) => Promise<void>, slack = true) {
  const changes = { planDeploy: planDeploy(slack) };
  const { calls } = await runDeploy(env, code, changes, people);
  return calls.filter((call) => call.startsWith('show '));
}
const asked = () => env.sleep('1 minute');

test.each<[string, (handle: Handle) => Promise<unknown>, string[]]>([
  [
    'two say yes',
    async (handle) => {
      await handle.signal(decide, decision('bob', 'approve'));
      await asked();
      await handle.signal(decide, decision('carol', 'approve'));
    },
    ['show open: waiting for carol', 'show closed: approved by bob and carol'],
  ],
  [
    'one says no',
    (handle) => handle.signal(decide, decision('carol', 'reject')),
    ['show closed: rejected by carol'],
  ],
  [
    'nobody answers',
    () => env.sleep('3 hours'),
    ['show closed: nobody answered in time; waiting for 2 of bob, carol'],
  ],
  [
    'it is aborted',
    (handle) => handle.signal(abort),
    ['show closed: the deploy ended before a decision'],
  ],
])('the messages that ask show it: %s', async (_, act, expected) => {
  const seen = await shown(async (handle) => {
    await asked();
    await act(handle);
  });
  expect(seen).toEqual(expected);
});

test('without buttons nothing is shown', async () => {
  const no = (handle: Handle) => handle.signal(decide, decision('bob', 'reject'));
  expect(await shown(no, false)).toEqual([]);
});
