import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { reportMemoKey, requestMemoKey } from '../../domain/deploy/wire.ts';
import type { SignedRequest } from '../../domain/config/config.ts';
import { abort, decide, supersede } from '../../workflows/messages.ts';
import { openGate, planFor, sha } from '../support/plan.ts';
import { bundle, decision } from '../support/saga.ts';
import {
  ask,
  fakeDeploys,
  idOf,
  inPhase,
  newer,
  realServer,
  runDeployOn,
  until,
} from '../support/real-server.ts';
import type { Handle, Row } from '../support/real-server.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await realServer(inject('temporalBinary'));
});
afterAll(() => env?.teardown());

const stoppedAt = '2026-01-01T12:00:00.000Z';
const ruled = (handle: Handle, count: number) =>
  until(handle, (now) => (now.requests ?? []).length === count);
const approve = (handle: Handle, who = 'bob') => handle.signal(decide, decision(who, 'approve'));

const closedRows = (rows: Row[]) =>
  rows
    .filter(({ kind }) => kind === 'closed')
    .map(({ body }) => [body['outcome'], body['reasons']]);
const requestRows = (rows: Row[]) =>
  rows.filter(({ kind }) => kind === 'request').map(({ key, body }) => [key, body['why']]);

test('a newer commit takes the lock of a waiting deploy, and its owner is notified', async () => {
  const { activities, calls, rows, notes } = fakeDeploys();
  const next = newer('c');
  const done = await runDeployOn(env, code, activities, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await handle.signal(supersede, next);
    await inPhase(handle, 'approval', 'c');
    const { memo, searchAttributes } = await handle.describe();
    expect(memo).toMatchObject({ [requestMemoKey]: next.request.nonce });
    expect(searchAttributes).toMatchObject({ PlimsollRequester: ['carol'] });
    expect(searchAttributes).not.toHaveProperty('PlimsollOutcome');
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  const why = `replaced by ${idOf(next)} of carol (ccccccc), and production was not touched`;
  expect(closedRows(rows)).toEqual([
    ['aborted', [why]],
    ['succeeded', []],
  ]);
  expect(requestRows(rows)).toEqual([
    [`request/${next.request.nonce}/ruling`, 'the requested commit is newer'],
  ]);
  expect(done.first.status.name).toBe('CONTINUED_AS_NEW');
  expect(done.first.memo?.[reportMemoKey]).toMatchObject({
    outcome: 'aborted',
    touched: false,
    sha: sha('b'),
    reasons: [why],
    replacedBy: { requestedBy: 'carol', sha: sha('c') },
  });
  expect(notes.filter(({ step }) => step === 'replaced')).toMatchObject([
    { to: 'alice', channel: '#deployments', parent: false, deploy: { sha: sha('b') } },
  ]);
  expect(notes.find(({ step }) => step === 'replaced')?.text).toBe(
    `alice: your deploy of gateway production bbbbbbb was ${why}.
Why: ship c
Watch the new deploy: plimsoll watch gateway production
To deploy your commit when the new deploy has ended: plimsoll deploy gateway production --ref bbbbbbbbbbbb`,
  );
  const effects = calls.filter((call) => /^(stage|switch)/.test(call));
  expect(effects).toEqual(['stage deploy@one:22', 'switch deploy@one:22 to c']);
});

test('approvals of a replaced deploy do not count for the new one', async () => {
  const { activities } = fakeDeploys();
  const two = { ...planFor().rule, required: 2 as const, eligible: ['bob', 'dora'] };
  const planDeploy: PlainActivities['planDeploy'] = async (input) => ({
    ...(await activities.planDeploy(input)),
    rule: two,
  });
  const done = await runDeployOn(env, code, { ...activities, planDeploy }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await approve(handle);
    await until(handle, ({ rulings }) => rulings.length === 1);
    await handle.signal(supersede, newer('c'));
    await inPhase(handle, 'approval', 'c');
    expect((await ask(handle)).rulings).toEqual([]);
    await approve(handle);
    await approve(handle, 'dora');
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
});

test('a deploy that has had an effect is never replaced, not by a P0 either', async () => {
  const { activities, rows } = fakeDeploys();
  const looking = Promise.withResolvers<void>();
  const runSmoke = async () => {
    await looking.promise;
    return { ok: true, checks: [] };
  };
  const done = await runDeployOn(env, code, { ...activities, runSmoke }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await approve(handle);
    await until(handle, ({ phase }) => phase === 'smoke');
    await handle.signal(supersede, newer('c', { priority: 'P0' }));
    await ruled(handle, 1);
    looking.resolve();
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
  const [row] = requestRows(rows);
  expect(row?.[1]).toBe(
    'the open deploy is in smoke and may have changed production, so it is not replaced',
  );
});

/** Approves a deploy and holds it at the recheck of its gates. Then sends the request `next`. */
async function approvedAndHeld(next: SignedRequest) {
  const { activities, rows } = fakeDeploys();
  const again = Promise.withResolvers<void>();
  let samples = 0;
  const checkTests: PlainActivities['checkTests'] = async () => {
    samples += 1;
    if (samples === 2) await again.promise;
    const long = new Date(Date.now() - (samples === 1 ? 3_600_000 : 0));
    return openGate('tests', long.toISOString());
  };
  const done = await runDeployOn(env, code, { ...activities, checkTests }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await approve(handle);
    await expect.poll(() => samples, { timeout: 20_000 }).toBe(2);
    await handle.signal(supersede, next);
    // The deploy may be replaced at once, if another gate was running and could be cancelled.
    const { deployId } = planFor();
    await until(handle, (now) => now.requests?.length === 1 || now.deployId !== deployId);
    again.resolve();
    if (next.request.priority !== 'P0') return;
    await inPhase(handle, 'approval', 'c');
    await approve(handle);
  });
  return { done, rows };
}

test('one that is approved is not replaced by an ordinary request', async () => {
  const { done, rows } = await approvedAndHeld(newer('c'));
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
  expect(requestRows(rows)[0]?.[1]).toBe('the waiting deploy is approved and about to be released');
});

test('but it is by a P0, as long as nothing has had an effect', async () => {
  const { done, rows } = await approvedAndHeld(newer('c', { priority: 'P0' }));
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(closedRows(rows)[0]?.[1]).toEqual([
    expect.stringMatching(
      /^replaced by d-\d+ of carol \(P0, ccccccc\), and production was not touched$/,
    ),
  ]);
});

test('a P0 takes the lock in a freeze window and during a stop too, and says what it passes', async () => {
  const { activities, rows, calls } = fakeDeploys();
  const stopped = { key: 'stop/1', by: 'bob', reason: 'the database is full', at: stoppedAt };
  const freezeWindows = [{ name: 'the weekend', from: 0, to: Date.parse('2100-01-01') }];
  const planDeploy: PlainActivities['planDeploy'] = async (input) => {
    const plan = await activities.planDeploy(input);
    return plan.priority === 'P0' ? { ...plan, stopped, freezeWindows } : plan;
  };
  const done = await runDeployOn(env, code, { ...activities, planDeploy }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await handle.signal(supersede, newer('c', { priority: 'P0', reason: 'logins fail' }));
    await inPhase(handle, 'approval', 'c');
    const { gates } = await ask(handle);
    const passed = gates.filter(({ gate }) => gate === 'freeze' || gate === 'stop');
    expect(passed.map(({ open, reasons }) => [open, ...reasons])).toEqual([
      [
        true,
        'a P0 deploy is allowed in the freeze window (its reason: "logins fail"): the freeze window "the weekend" lasts ' +
          'until 2100-01-01 00:00 UTC',
      ],
      [
        true,
        'a P0 deploy is allowed while the line is stopped (its reason: "logins fail"): the line is stopped by bob since 2026-01-01 ' +
          '12:00 UTC: "the database is full"',
      ],
    ]);
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(closedRows(rows)[0]).toEqual([
    'aborted',
    [
      expect.stringMatching(
        /^replaced by d-\d+ of carol \(P0, ccccccc\), and production was not touched/,
      ),
    ],
  ]);
  expect(calls.filter((call) => /^(stage|switch)/.test(call))).toEqual([
    'stage deploy@one:22',
    'switch deploy@one:22 to c',
  ]);
});

test('a forged request ends nothing, and is recorded', async () => {
  const forged = "The signature of the request is not carol's: it is not an SSH signature.";
  const { activities, rows } = fakeDeploys({
    weighRequest: async () => {
      throw ApplicationFailure.nonRetryable(forged, failures.refused);
    },
  });
  const done = await runDeployOn(env, code, activities, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    for (const signed of ['replace it', null, { request: 7 }, newer('c')])
      await handle.signal(supersede, signed);
    await ruled(handle, 4);
    expect((await ask(handle)).requests?.map(({ requestedBy }) => requestedBy)).toEqual([
      ...['somebody', 'somebody', 'somebody', 'carol'],
    ]);
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
  // Each request has its own entry. The entries may reach the ledger in any order.
  expect(requestRows(rows)).toHaveLength(4);
  expect(Object.fromEntries(requestRows(rows))).toEqual(
    Object.fromEntries([1, 2, 3, 4].map((n) => [`${planFor().deployId}/request/${n}`, forged])),
  );
});

test('the commit that waits already is not replaced by itself', async () => {
  const { activities } = fakeDeploys();
  const done = await runDeployOn(env, code, activities, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await handle.signal(supersede, newer('b', { priority: 'P0' }));
    await handle.signal(supersede, newer('b'));
    await ruled(handle, 2);
    const [urgent, again] = (await ask(handle)).requests ?? [];
    const refused = { verdict: 'refused', why: 'a deploy of bbbbbbb already waits' };
    expect(urgent).toMatchObject(refused);
    expect(urgent?.alreadyWaits).toBeUndefined();
    expect(again).toMatchObject({ ...refused, alreadyWaits: true });
    await handle.signal(abort);
  });
  expect(done.report).toMatchObject({ outcome: 'aborted', reasons: ['a person sent abort'] });
});

test('of requests that race one wins, and each has an answer', async () => {
  const { activities, rows } = fakeDeploys();
  const racing = ['c', 'd', 'd'].map((digit) => newer(digit));
  const done = await runDeployOn(env, code, activities, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    for (const signed of racing) await handle.signal(supersede, signed);
    await inPhase(handle, 'approval', 'd');
    await ruled(handle, 1);
    await handle.signal(abort);
  });
  expect(done.report).toMatchObject({ outcome: 'aborted' });
  const answered = requestRows(rows).map(([key]) => String(key));
  expect(answered.toSorted()).toEqual(
    racing.map(({ request: { nonce } }) => `request/${nonce}/ruling`).toSorted(),
  );
});

test('a deploy that ends during a request hands its lock over', async () => {
  const { activities, rows } = fakeDeploys();
  const closing = Promise.withResolvers<void>();
  const next = newer('c');
  let first = true;
  const checkTests: PlainActivities['checkTests'] = async () => {
    const open = !first;
    first = false;
    return { ...openGate('tests', new Date().toISOString()), open, reasons: ['red'] };
  };
  const append: PlainActivities['append'] = async (entry) => {
    if (entry.kind === 'closed' && entry.body['outcome'] === 'gate-closed') await closing.promise;
    await activities.append(entry);
  };
  const weighRequest: PlainActivities['weighRequest'] = async (input) => {
    await closing.promise;
    // From here on, only this activity keeps the run open.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await activities.weighRequest(input);
  };
  const slow = { ...activities, checkTests, append, weighRequest };
  const done = await runDeployOn(env, code, slow, async (handle) => {
    await until(handle, ({ outcome }) => outcome === 'gate-closed');
    await handle.signal(supersede, next);
    closing.resolve();
    await inPhase(handle, 'approval', 'c');
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(requestRows(rows)).toEqual([
    [`request/${next.request.nonce}/ruling`, 'the previous deploy ended without touching anything'],
  ]);
  expect(closedRows(rows)[0]).toEqual(['gate-closed', ['tests: red']]);
  expect(done.first.memo?.[reportMemoKey]).toMatchObject({ outcome: 'gate-closed' });
});

test('a deploy that cannot be planned leaves its lock to the next request', async () => {
  const { activities } = fakeDeploys();
  const planning = Promise.withResolvers<void>();
  const broken: PlainActivities['planDeploy'] = async (input) => {
    if (input.signed.request.ref !== 'main') return await activities.planDeploy(input);
    await planning.promise;
    throw ApplicationFailure.nonRetryable('There is no such ref.', failures.refused);
  };
  const done = await runDeployOn(
    env,
    code,
    { ...activities, planDeploy: broken },
    async (handle) => {
      await handle.signal(supersede, { request: { project: 'gateway', environment: 'elsewhere' } });
      await handle.signal(supersede, newer('c'));
      planning.resolve();
      await inPhase(handle, 'approval', 'c');
      await approve(handle);
    },
  );
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(done.first.memo?.[reportMemoKey]).toMatchObject({
    outcome: 'aborted',
    reasons: ['There is no such ref.'],
  });
});

test('a cancel from outside ends one deploy, not the one that waits for its lock', async () => {
  const { activities, rows } = fakeDeploys();
  const weighed = Promise.withResolvers<void>();
  const weighRequest: PlainActivities['weighRequest'] = async (input) => {
    await weighed.promise;
    return await activities.weighRequest(input);
  };
  const done = await runDeployOn(env, code, { ...activities, weighRequest }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await handle.signal(supersede, newer('c'));
    await handle.cancel();
    await until(handle, ({ outcome }) => outcome === 'aborted');
    weighed.resolve();
    await inPhase(handle, 'approval', 'c');
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(closedRows(rows)[0]).toEqual(['aborted', ['cancelled from outside']]);
});

test('a request to a deploy that then succeeds is answered so', async () => {
  const { activities, rows } = fakeDeploys();
  const closing = Promise.withResolvers<void>();
  const append: PlainActivities['append'] = async (entry) => {
    if (entry.kind === 'closed') await closing.promise;
    await activities.append(entry);
  };
  const done = await runDeployOn(env, code, { ...activities, append }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await approve(handle);
    await until(handle, ({ phase }) => phase === 'settle');
    await handle.signal(supersede, newer('c'));
    closing.resolve();
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
  expect(requestRows(rows)).toHaveLength(1);
});
