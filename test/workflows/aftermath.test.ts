import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities, EndedDeploy, Reverted } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { aftermath } from '../../workflows/aftermath.ts';
import { lift } from '../../workflows/records/lift.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { planFor } from '../support/plan.ts';
import { bundle, decision, timeSkipping } from '../support/saga.ts';
import { warmWorker } from '../support/warm-worker.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

let runs = 0;
async function run(changes: Partial<PlainActivities> = {}, over: Partial<EndedDeploy> = {}) {
  const workflowId = `aftermath-${process.pid}-${(runs += 1)}`;
  const bodies: Record<string, unknown> = {};
  const { activities, calls } = fakeActivities(Date.now, changes);
  const append: PlainActivities['append'] = async ({ kind, body }) => {
    calls.push(`record ${kind}`);
    bodies[kind] = body;
  };
  const plan = planFor();
  const ended: EndedDeploy = {
    plan,
    rolledBackTo: plan.rollbackTarget,
    cause: { kind: 'watch', blames: 'release', detail: 'errors rose' },
    outcome: 'rolled-back',
    ...over,
  };
  const { cause, outcome, timeline = [] } = ended;
  const end = { cause, outcome, timeline, proof: null, paged: false, seal: 'of a worker' };
  const closeAfterRollback: PlainActivities['closeAfterRollback'] = async () => ended;
  const all = { ...activities, append, closeAfterRollback };
  const { taskQueue, runUntil } = await warmWorker(env, code, all);
  const { deployId } = plan;
  const report = await runUntil(() =>
    env.client.workflow.execute(aftermath, { taskQueue, workflowId, args: [{ deployId, end }] }),
  );
  return { report, calls, bodies };
}
const needsPerson = async () => {
  throw ApplicationFailure.nonRetryable('a conflict', failures.needsPerson);
};

test('after the branch was reverted and people were notified, issues are opened again', async () => {
  const { report, calls, bodies } = await run({ reopenIssues: async () => ({ reopened: [1, 2] }) });
  expect(report).toMatchObject({ revertSha: 'c'.repeat(40), reopened: [1, 2], quarantined: true });
  expect(calls.indexOf('notify incident')).toBeGreaterThan(calls.indexOf('revert main'));
  expect(bodies['quarantine']).toEqual({
    sha: planFor().sha,
    release: planFor().release,
    why: 'errors rose',
  });
});

test('a pull request that waits for a person is in the report, the ledger and the note', async () => {
  const pull = { number: 7, url: 'http://hub/7' };
  const reverted = { sha: null, note: 'a person must merge pull request #7: http://hub/7', pull };
  const texts: string[] = [];
  const notify: PlainActivities['notify'] = async ({ text }) => texts.push(text) > 0;
  const { report, bodies } = await run({ revertMain: async () => reverted, notify });
  expect(report).toMatchObject({ revertSha: null, pull: 'http://hub/7' });
  expect(bodies['revert']).toEqual(reverted);
  expect(texts[0]).toContain('main: a person must merge pull request #7: http://hub/7');
});

test('a person is paged for a revert that waits, and not if nothing is left to revert', async () => {
  const pages = async (reverted: Reverted) => {
    const titles: string[] = [];
    const page: PlainActivities['page'] = async ({ title }) => {
      titles.push(title);
      return { reached: ['webhook'], failed: [] };
    };
    await run({ revertMain: async () => reverted, page });
    return titles.length;
  };
  expect(await pages({ sha: null, note: 'a person must merge' })).toBe(1);
  expect(await pages({ sha: null, note: 'nothing to revert', settled: true })).toBe(0);
  expect(await pages({ sha: 'c'.repeat(40), note: 'reverted' })).toBe(0);
});

test('an incident that Slack does not take is sent as a page', async () => {
  const down = async (over: Partial<EndedDeploy> = {}) => {
    const order: string[] = [];
    const notify: PlainActivities['notify'] = async ({ step }) => {
      order.push(`slack ${step}`);
      throw ApplicationFailure.nonRetryable('no route', failures.unavailable);
    };
    const page: PlainActivities['page'] = async ({ title, text }) => {
      order.push(title, text);
      return { reached: ['webhook'], failed: [] };
    };
    await run({ notify, page }, over);
    return order;
  };
  expect(await down()).toEqual([
    'slack incident',
    'gateway production was rolled back',
    'gateway production bbbbbbb ended rolled-back: errors rose\n' +
      'Cause: unknown. main: reverted\n' +
      'Post-mortem draft, due in 24 h: plimsoll incidents incident-d-0123456789ab\n' +
      'Slack does not answer, so this message is sent as a page.',
  ]);
  const cause = { kind: 'abort', blames: 'person', detail: 'a person sent abort' } as const;
  expect(await down({ cause })).toEqual(['slack incident']);
});

test('the page of a revert that waits is not behind Slack, and is the only one', async () => {
  const paged = Promise.withResolvers<void>();
  const titles: string[] = [];
  const page: PlainActivities['page'] = async ({ title }) => {
    titles.push(title);
    paged.resolve();
    return { reached: ['webhook'], failed: [] };
  };
  const notify: PlainActivities['notify'] = async () => {
    await paged.promise;
    throw ApplicationFailure.nonRetryable('no route', failures.unavailable);
  };
  await run({ notify, page, revertMain: needsPerson });
  expect(titles).toEqual(['gateway production: a person must revert main']);
});

test('issues are opened again although the branch conflicts; and a failure there is reported', async () => {
  const { report, calls } = await run({ revertMain: needsPerson });
  expect(report.revertNote).toBe('a person must revert main: a conflict');
  expect(calls).toContain('reopen issues');
  const texts: string[] = [];
  const notify: PlainActivities['notify'] = async ({ text }) => texts.push(text) > 0;
  const failed = await run({ reopenIssues: needsPerson, notify });
  expect(failed.report.reopened).toEqual([]);
  expect(texts.at(-1)).toBe('Work is left to do: issues were not reopened. Reason: a conflict');
});

test('an abort, and a rollback to the same commit, open nothing again', async () => {
  const cause = { kind: 'abort', blames: 'person', detail: 'a person sent abort' } as const;
  expect((await run({}, { cause })).calls).not.toContain('reopen issues');
  const rolledBackTo = { id: 'x', sha: planFor().sha };
  const same = await run({}, { rolledBackTo });
  expect(same.calls).not.toContain('reopen issues');
  expect(same.bodies['quarantine']).toEqual({ release: planFor().release, why: 'errors rose' });
});

test('a lift is judged by one activity, which knows the run', async () => {
  let seen: unknown;
  const { activities } = fakeActivities(Date.now);
  const liftQuarantine: PlainActivities['liftQuarantine'] = async (input) => {
    seen = input;
    return activities.liftQuarantine(input);
  };
  const { taskQueue, runUntil } = await warmWorker(env, code, { ...activities, liftQuarantine });
  const signed = decision('bob', 'approve');
  const options = { taskQueue, workflowId: `lift-${process.pid}` };
  const handle = await runUntil(async () => {
    const started = await env.client.workflow.start(lift, {
      ...options,
      args: [{ signed, reason: 'r' }],
    });
    expect(await started.result()).toMatchObject({ verdict: 'counted', approver: 'bob' });
    return started;
  });
  expect(seen).toEqual({ signed, reason: 'r', runId: handle.firstExecutionRunId });
});
