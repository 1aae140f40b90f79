import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import { reportMemoKey, requestMemoKey } from '../../domain/messages.ts';
import type { SignedRequest } from '../../domain/schema.ts';
import { abort, decide, supersede } from '../../workflows/messages.ts';
import { openGate, planFor, sha } from '../support/plan.ts';
import { bundle, decision } from '../support/saga.ts';
import { ask, crew, idOf, inPhase, newer, realServer, sailOn, until } from '../support/sea.ts';
import type { Handle, Row } from '../support/sea.ts';

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

test('a newer commit takes the slot of one that waits, and its owner is told', async () => {
  const { activities, calls, rows, notes } = crew();
  const next = newer('c');
  const done = await sailOn(env, code, activities, async (handle) => {
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
  const why = `replaced by ${idOf(next)} of carol (ccccccc) before it touched anything`;
  expect(closedRows(rows)).toEqual([
    ['aborted', [why]],
    ['succeeded', []],
  ]);
  expect(requestRows(rows)).toEqual([
    [`request/${next.request.nonce}/ruling`, 'its commit is newer'],
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
Watch the new one: npx --no plimsoll watch gateway production
Ship yours after all, once that has ended: npx --no plimsoll deploy gateway production --ref bbbbbbbbbbbb`,
  );
  const effects = calls.filter((call) => /^(stage|switch)/.test(call));
  expect(effects).toEqual(['stage deploy@one:22', 'switch deploy@one:22 to c']);
});

test('approvals of the deploy that gave way do not count for the new one', async () => {
  const { activities } = crew();
  const two = { ...planFor().rule, required: 2 as const, eligible: ['bob', 'dora'] };
  const planDeploy: Activities['planDeploy'] = async (input) => ({
    ...(await activities.planDeploy(input)),
    rule: two,
  });
  const done = await sailOn(env, code, { ...activities, planDeploy }, async (handle) => {
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

test('what has had an effect is never replaced, not by a P0 either', async () => {
  const { activities, rows } = crew();
  const looking = Promise.withResolvers<void>();
  const runSmoke = async () => {
    await looking.promise;
    return { ok: true, checks: [] };
  };
  const done = await sailOn(env, code, { ...activities, runSmoke }, async (handle) => {
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
    'it is in smoke, so production may have changed: such a deploy is never replaced',
  );
});

/** Approved, and held where its gates are looked at once more. */
async function approvedAndHeld(next: SignedRequest) {
  const { activities, rows } = crew();
  const again = Promise.withResolvers<void>();
  let looks = 0;
  const checkTests: Activities['checkTests'] = async () => {
    looks += 1;
    if (looks === 2) await again.promise;
    const long = new Date(Date.now() - (looks === 1 ? 3_600_000 : 0));
    return openGate('tests', long.toISOString());
  };
  const done = await sailOn(env, code, { ...activities, checkTests }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await approve(handle);
    await expect.poll(() => looks, { timeout: 20_000 }).toBe(2);
    await handle.signal(supersede, next);
    // The run may give way at once, where another gate was under way and could be cancelled.
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
  expect(requestRows(rows)[0]?.[1]).toBe('it is approved, and about to be released');
});

test('but it is by a P0, as long as nothing has had an effect', async () => {
  const { done, rows } = await approvedAndHeld(newer('c', { priority: 'P0' }));
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(closedRows(rows)[0]?.[1]).toEqual([
    expect.stringMatching(
      /^replaced by d-\d+ of carol \(P0, ccccccc\) before it touched anything$/,
    ),
  ]);
});

test('a P0 takes the slot in a freeze and during a stop too, and says what it goes through', async () => {
  const { activities, rows, calls } = crew();
  const stopped = { key: 'stop/1', by: 'bob', reason: 'the database is full', at: stoppedAt };
  const freezes = [{ name: 'the weekend', from: 0, to: Date.parse('2100-01-01') }];
  const planDeploy: Activities['planDeploy'] = async (input) => {
    const plan = await activities.planDeploy(input);
    return plan.priority === 'P0' ? { ...plan, stopped, freezes } : plan;
  };
  const done = await sailOn(env, code, { ...activities, planDeploy }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await handle.signal(supersede, newer('c', { priority: 'P0', reason: 'logins fail' }));
    await inPhase(handle, 'approval', 'c');
    const { gates } = await ask(handle);
    const passed = gates.filter(({ gate }) => gate === 'freeze' || gate === 'stop');
    expect(passed.map(({ open, reasons }) => [open, ...reasons])).toEqual([
      [
        true,
        'P0 goes through the freeze, for "logins fail": "the weekend" is frozen until 2100-01-01 00:00 UTC',
      ],
      [
        true,
        'P0 goes through, for "logins fail": the line is stopped by bob since 2026-01-01 12:00 UTC: "the database is full"',
      ],
    ]);
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(closedRows(rows)[0]).toEqual([
    'aborted',
    [expect.stringMatching(/^replaced by d-\d+ of carol \(P0, ccccccc\) before it touched/)],
  ]);
  expect(calls.filter((call) => /^(stage|switch)/.test(call))).toEqual([
    'stage deploy@one:22',
    'switch deploy@one:22 to c',
  ]);
});

test('a forged request ends nothing, and is recorded', async () => {
  const forged = 'The request is not signed by carol: it is not an SSH signature.';
  const { activities, rows } = crew({
    weighRequest: async () => {
      throw ApplicationFailure.nonRetryable(forged, failures.refused);
    },
  });
  const done = await sailOn(env, code, activities, async (handle) => {
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
  // Each is recorded for itself, in whatever order the ledger is reached.
  expect(requestRows(rows)).toHaveLength(4);
  expect(Object.fromEntries(requestRows(rows))).toEqual(
    Object.fromEntries([1, 2, 3, 4].map((n) => [`${planFor().deployId}/request/${n}`, forged])),
  );
});

test('the commit that waits already is not replaced by itself', async () => {
  const { activities } = crew();
  const done = await sailOn(env, code, activities, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await handle.signal(supersede, newer('b', { priority: 'P0' }));
    await ruled(handle, 1);
    expect((await ask(handle)).requests?.[0]).toMatchObject({
      ...{ verdict: 'refused', why: 'bbbbbbb is what waits there already' },
    });
    await handle.signal(abort);
  });
  expect(done.report).toMatchObject({ outcome: 'aborted', reasons: ['a person sent abort'] });
});

test('of requests that race one wins, and each has an answer', async () => {
  const { activities, rows } = crew();
  const racing = ['c', 'd', 'd'].map((digit) => newer(digit));
  const done = await sailOn(env, code, activities, async (handle) => {
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

test('a deploy that ends while somebody asks hands its slot over', async () => {
  const { activities, rows } = crew();
  const closing = Promise.withResolvers<void>();
  const next = newer('c');
  let first = true;
  const checkTests: Activities['checkTests'] = async () => {
    const open = !first;
    first = false;
    return { ...openGate('tests', new Date().toISOString()), open, reasons: ['red'] };
  };
  const append: Activities['append'] = async (entry) => {
    if (entry.kind === 'closed' && entry.body['outcome'] === 'gate-closed') await closing.promise;
    await activities.append(entry);
  };
  const weighRequest: Activities['weighRequest'] = async (input) => {
    await closing.promise;
    // By now nothing but this answer keeps the run open.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await activities.weighRequest(input);
  };
  const slow = { ...activities, checkTests, append, weighRequest };
  const done = await sailOn(env, code, slow, async (handle) => {
    await until(handle, ({ outcome }) => outcome === 'gate-closed');
    await handle.signal(supersede, next);
    closing.resolve();
    await inPhase(handle, 'approval', 'c');
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(requestRows(rows)).toEqual([
    [
      `request/${next.request.nonce}/ruling`,
      'the deploy before it ended without touching anything',
    ],
  ]);
  expect(closedRows(rows)[0]).toEqual(['gate-closed', ['tests: red']]);
  expect(done.first.memo?.[reportMemoKey]).toMatchObject({ outcome: 'gate-closed' });
});

test('a deploy that cannot be planned leaves its slot to who asks for it', async () => {
  const { activities } = crew();
  const planning = Promise.withResolvers<void>();
  const broken: Activities['planDeploy'] = async (input) => {
    if (input.signed.request.ref !== 'main') return await activities.planDeploy(input);
    await planning.promise;
    throw ApplicationFailure.nonRetryable('There is no such ref.', failures.refused);
  };
  const done = await sailOn(env, code, { ...activities, planDeploy: broken }, async (handle) => {
    await handle.signal(supersede, { request: { project: 'gateway', environment: 'elsewhere' } });
    await handle.signal(supersede, newer('c'));
    planning.resolve();
    await inPhase(handle, 'approval', 'c');
    await approve(handle);
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('c') });
  expect(done.first.memo?.[reportMemoKey]).toMatchObject({
    outcome: 'aborted',
    reasons: ['There is no such ref.'],
  });
});

test('a cancel from outside ends one deploy, not the one that waits for its slot', async () => {
  const { activities, rows } = crew();
  const weighed = Promise.withResolvers<void>();
  const weighRequest: Activities['weighRequest'] = async (input) => {
    await weighed.promise;
    return await activities.weighRequest(input);
  };
  const done = await sailOn(env, code, { ...activities, weighRequest }, async (handle) => {
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

test('a request that was sent to a deploy which then succeeds is told so', async () => {
  const { activities, rows } = crew();
  const closing = Promise.withResolvers<void>();
  const append: Activities['append'] = async (entry) => {
    if (entry.kind === 'closed') await closing.promise;
    await activities.append(entry);
  };
  const done = await sailOn(env, code, { ...activities, append }, async (handle) => {
    await inPhase(handle, 'approval', 'b');
    await approve(handle);
    await until(handle, ({ phase }) => phase === 'settle');
    await handle.signal(supersede, newer('c'));
    closing.resolve();
  });
  expect(done.report).toMatchObject({ outcome: 'succeeded', sha: sha('b') });
  expect(requestRows(rows)).toHaveLength(1);
});
