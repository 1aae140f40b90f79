import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { failures } from '../../domain/deploy/failures.ts';
import type { Cause, DeployReport, DeployStatus, Phase } from '../../domain/deploy/plan.ts';
import { lateRollback } from '../../workflows/late-rollback.ts';
import { abort, decide } from '../../workflows/messages.ts';
import type { Changes } from '../support/fake-activities.ts';
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

const files = 'supabase/migrations/1.sql';
const person: Cause = { kind: 'rollback', blames: 'person', detail: 'alice: fix the queue' };
/** Plans a rollback across a migration, or with another cause. */
const planned = ({ crosses = false, cause = person } = {}): Changes => ({
  planRollback: async () => ({
    plan: planFor({ late: true, ...(crosses ? { forwardOnly: files } : {}) }),
    ...{ gates: [], digest: 'f'.repeat(64), cause },
  }),
});

type Ended = Awaited<ReturnType<typeof runDeploy>>;
const reportOf = ({ result }: Ended) => (result as PromiseFulfilledResult<DeployReport>).value;
const storyOf = ({ calls }: Ended) =>
  calls.filter((call) =>
    /^(plan|allow|rule|record (released|closed|incident|quarantine)|switch|rollback|revert)/.test(
      call,
    ),
  );
const status = (handle: Handle) => handle.query<DeployStatus>('status');
async function inPhase(handle: Handle, phase: Phase) {
  await expect.poll(async () => (await status(handle)).phase, { timeout: 20_000 }).toBe(phase);
}

const run = (changes: Changes, during: (handle: Handle) => Promise<void> = async () => {}) =>
  runDeploy(env, code, changes, during, { workflow: lateRollback });
const back = ['record released', 'rollback deploy@one:22 to a', 'record closed', 'record incident'];

test('rolls back, proves it and records an incident; no revert and no quarantine', async () => {
  const ended = await run({});
  expect(storyOf(ended)).toEqual(['plan the rollback', ...back]);
  expect(reportOf(ended)).toMatchObject({
    outcome: 'rolled-back',
    touched: true,
    reasons: ['alice: fix the queue'],
  });
  expect(await status(ended.handle)).toMatchObject({ liveNow: 'aaaaaaa, rolled back and proven' });
});

test('with blame, the release is quarantined and the branch is reverted', async () => {
  const ended = await run(planned({ cause: { ...person, blames: 'release' } }));
  expect(storyOf(ended)).toEqual([...back, 'record quarantine', 'revert main']);
});

test('a live release that fails its smoke test is to blame without a word', async () => {
  const checks = [{ path: 'core' as const, outcome: 'failed' as const, detail: '/ answered 500' }];
  const runSmoke = async () => ({ ok: false, checks });
  const ended = await run({ runSmoke });
  expect(storyOf(ended)).toEqual([
    'plan the rollback',
    ...back,
    'record quarantine',
    'revert main',
  ]);
  expect(reportOf(ended)).toMatchObject({
    reasons: ['alice: fix the queue; the live release fails: core: / answered 500'],
  });
});

test('a probe without an answer blames nobody and does not stop the rollback', async () => {
  const runSmoke = async () => {
    throw ApplicationFailure.nonRetryable('no answer', failures.unavailable);
  };
  const ended = await run({ runSmoke });
  expect(storyOf(ended)).toEqual(['plan the rollback', ...back]);
});

test('across a migration it waits, and is rolled back when an approver signs that', async () => {
  let waiting: DeployStatus | null = null;
  const seen: string[] = [];
  const ended = await run(
    (fake) => ({
      ...(planned({ crosses: true }) as object),
      page: async (page) => {
        seen.push(`${page.title}\n${page.text}`);
        return fake.page(page);
      },
    }),
    async (handle) => {
      await inPhase(handle, 'awaiting-rollback-approval');
      waiting = await status(handle);
      await handle.signal(decide, decision('bob', 'reject'));
    },
  );
  const crossed = `schema migrations that are not declared backward-compatible (${files})`;
  const doThis =
    'check the database; to fix forward: plimsoll keep gateway production, then deploy the ' +
    'fix; to roll back: plimsoll reject gateway production (signed)';
  expect(waiting).toMatchObject({ liveNow: 'aaaaaaa on deploy@one:22', doThis });
  expect(seen[0]).toBe(
    'gateway production: a rollback waits for a signed decision\n' +
      'gateway production: a rollback waits for a signed decision. alice: fix the queue\n' +
      `The rollback crosses ${crossed}.\n` +
      `Live now: aaaaaaa on deploy@one:22. Waiting for an approver: the rollback crosses ${crossed}; ` +
      `after 24 h without an answer, the release stays live\n${doThis}`,
  );
  expect(storyOf(ended)).toEqual(['rule on reject by bob', 'allow the rollback by bob', ...back]);
});

test.each([
  [
    'keep',
    (handle: Handle) => handle.signal(decide, decision('bob', 'approve')),
    'rejected',
    'an approver signed keep',
  ],
  ['abort', (handle: Handle) => handle.signal(abort), 'expired', 'no approver signed the rollback'],
])('across a migration, %s leaves production as it is', async (_, answer, outcome, why) => {
  const ended = await run(planned({ crosses: true }), async (handle) => {
    await inPhase(handle, 'awaiting-rollback-approval');
    await answer(handle);
  });
  expect(storyOf(ended).filter((call) => !call.startsWith('rule'))).toEqual(['record closed']);
  expect(reportOf(ended)).toMatchObject({
    ...{ outcome, touched: false, reasons: [`the live release stays: ${why}`] },
  });
});

test('a signature that does not count any more changes nothing', async () => {
  const allowRollback = async () => {
    throw ApplicationFailure.nonRetryable('bob is no approver any more', failures.refused);
  };
  const changes = { ...(planned({ crosses: true }) as object), allowRollback };
  const ended = await run(changes, async (handle) => {
    await inPhase(handle, 'awaiting-rollback-approval');
    await handle.signal(decide, decision('bob', 'reject'));
  });
  expect(storyOf(ended)).toEqual(['rule on reject by bob', 'record closed']);
  expect(reportOf(ended)).toMatchObject({
    ...{ outcome: 'aborted', touched: false, reasons: ['bob is no approver any more'] },
  });
});

test('a cancel from outside does not stop the rollback', async () => {
  const ended = await run({}, async (handle) => void (await handle.cancel()));
  expect(reportOf(ended)).toMatchObject({ outcome: 'rolled-back' });
});

test('a refused request ends the workflow as refused and touches nothing', async () => {
  const planRollback = async () => {
    throw ApplicationFailure.nonRetryable('not that release', failures.refused);
  };
  const ended = await run({ planRollback });
  expect(ended.result).toMatchObject({ status: 'rejected' });
  expect(storyOf(ended)).toEqual([]);
});
