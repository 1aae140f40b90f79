import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createApproval } from '../../activities/approval/approval.ts';
import { openLedger } from '../../activities/ledger/ledger.ts';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { ApprovalRule, DeployReport, Ruling, SealedPlan } from '../../domain/deploy/plan.ts';
import { Config } from '../../domain/config/config.ts';
import { decide } from '../../workflows/messages.ts';
import { makeKeys, peopleOf, signed } from '../support/forgery.ts';
import { openGate, planFor } from '../support/plan.ts';
import { bundle, decision, runDeploy, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());

const report = ({ result }: { result: PromiseSettledResult<unknown> }) =>
  (result as PromiseFulfilledResult<DeployReport>).value;

/**
 * Gates that wait until the test calls `open`. The workflow gets all earlier signals together, in
 * one task.
 */
function gatesThatWait() {
  const sent = Promise.withResolvers<void>();
  const checkTests: PlainActivities['checkTests'] = async () => {
    await sent.promise;
    return openGate('tests', new Date(await env.currentTimeMs()).toISOString());
  };
  return { checkTests, open: () => sent.resolve() };
}

test('a yes and a no that come in one task are a no', async () => {
  const { checkTests, open } = gatesThatWait();
  const done = await runDeploy(env, code, { checkTests }, async (handle) => {
    await handle.signal(decide, decision('bob', 'approve'));
    await handle.signal(decide, decision('carol', 'reject'));
    open();
  });
  expect(report(done)).toMatchObject({
    outcome: 'rejected',
    touched: false,
    reasons: ['rejected by carol'],
  });
  expect(done.calls.filter((call) => call.startsWith('rule on'))).toEqual([
    'rule on approve by bob',
    'rule on reject by carol',
  ]);
});

test('what comes too late is ruled on at the end, and changes nothing', async () => {
  const subjects: unknown[] = [];
  const runSmoke: PlainActivities['runSmoke'] = async () => {
    await late();
    return { ok: true, checks: [] };
  };
  let late = async () => {};
  const ruleOnDecision: PlainActivities['ruleOnDecision'] = async ({ signed: sent, subject }) => {
    subjects.push(subject);
    const { approver, nonce } = (sent as ReturnType<typeof decision>).decision;
    const verdict = subject === 'nothing' ? 'void' : 'counted';
    return {
      ...{ verdict, decision: 'approve', approver, why: '', nonce, touch: false },
      at: new Date(await env.currentTimeMs()).toISOString(),
    } as const;
  };
  const done = await runDeploy(env, code, { runSmoke, ruleOnDecision }, async (handle) => {
    late = () => handle.signal(decide, decision('carol', 'reject'));
    await handle.signal(decide, decision('bob', 'approve'));
  });
  expect(report(done)).toMatchObject({ outcome: 'succeeded' });
  expect(subjects).toEqual([undefined, 'nothing']);
});

test('a flood of what does not count ends the question, and says that it was one', async () => {
  const ruleOnDecision: PlainActivities['ruleOnDecision'] = async () => ({
    ...{ verdict: 'void', decision: 'approve', approver: 'bob', why: 'forged', touch: false },
    ...{ nonce: '0'.repeat(32), at: new Date(await env.currentTimeMs()).toISOString() },
  });
  const done = await runDeploy(env, code, { ruleOnDecision }, async (handle) => {
    for (let sent = 0; sent < 200; sent += 1) await handle.signal(decide, 'garbage');
  });
  expect(report(done)).toMatchObject({
    ...{ outcome: 'expired', touched: false },
    reasons: [
      'the request for a decision was closed: 200 decisions arrived, and too few of them are ' +
        'valid (waiting for bob). See the decisions: plimsoll history gateway production; when no more ' +
        'arrive, ask again: plimsoll deploy gateway production --ref main',
    ],
  });
});

const keys = makeKeys();
const config = Config.parse({ ...peopleOf(keys), projects: {} });
const quorum = ['nina', 'olga', 'robin'] as const;
const rule: ApprovalRule = {
  ...{ required: 3, reasons: [], eligible: [...quorum], notAlone: [['robin']], solo: 'off' },
};

/**
 * Random orders: the genuine decisions of all three people, with duplicates and forgeries at any
 * position.
 */
const order = fc.record({
  genuine: fc.shuffledSubarray([...quorum], { minLength: 3 }),
  noise: fc.array(
    fc.record({
      at: fc.nat({ max: 3 }),
      what: fc.constantFrom('duplicate', 'forged', 'other plan', 'garbage'),
    }),
    { maxLength: 6 },
  ),
  early: fc.boolean(),
});

test('no order loses what is genuine, or lets in what is forged', async () => {
  for (const it of fc.sample(order, { numRuns: 8, seed: 20261124 })) {
    const ledger = await openLedger({ path: ':memory:' });
    const now = await env.currentTimeMs();
    const notAfter = new Date(now + planFor().timing.expireMs).toISOString();
    const plan = planFor({ rule, notAfter });
    const checkedAt = new Date(now).toISOString();
    const real = createApproval({ config: () => config, ledger, now: () => now });
    const sealed: SealedPlan = await real.sealPlan({ plan, gates: [openGate('tests', checkedAt)] });
    const { checkTests, open } = gatesThatWait();
    const rulings: Ruling[] = [];
    const changes: Partial<PlainActivities> = {
      ...{ planDeploy: async () => plan, sealPlan: async () => sealed, checkTests },
      verifyApprovals: real.verifyApprovals,
      ruleOnDecision: async (input) => {
        const ruling = await real.ruleOnDecision(input);
        rulings.push(ruling);
        return ruling;
      },
    };
    const messages = sequence(it, { sealed, keys });
    const done = await runDeploy(env, code, changes, async (handle) => {
      if (!it.early) open();
      for (const message of messages) await handle.signal(decide, message);
      open();
    });
    expect(report(done)).toMatchObject({ outcome: 'succeeded' });
    expect(rulings).toHaveLength(messages.length);
    const counted = rulings.filter(({ verdict }) => verdict === 'counted');
    expect(counted.map(({ approver }) => approver)).toEqual(it.genuine);
    expect(await ledger.read({ kinds: ['ruling'], limit: 50 })).toHaveLength(messages.length);
    await ledger.close();
  }
});

type Order = typeof order extends fc.Arbitrary<infer It> ? It : never;
function sequence({ genuine, noise }: Order, world: Parameters<typeof signed>[0]): unknown[] {
  const own = genuine.map((by) => signed(world, { approver: by }, { by }));
  const made = {
    duplicate: (at: number) => own[Math.min(at, own.length) - 1] ?? 'nothing to copy',
    forged: () => signed(world, { approver: 'nina' }, { by: 'mallory' }),
    'other plan': () => signed(world, { subjectDigest: 'e'.repeat(64) }),
    garbage: () => ({ decision: 'approve' }),
  };
  return [0, 1, 2, 3].flatMap((at) => [
    ...noise.filter((one) => one.at === at).map(({ what }) => made[what](at)),
    ...own.slice(at, at + 1),
  ]);
}
