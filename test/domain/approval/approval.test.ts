import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApprovalRule, Plan, Ruling, SealedPlan } from '../../../domain/deploy/plan.ts';
import { approvalState } from '../../../domain/approval/approval-state.ts';
import { judgeDecision, type Case } from '../../../domain/approval/approval.ts';
import { helpful, suffices } from '../../../domain/approval/quorum.ts';
import { timing } from '../../../domain/deploy/timing.ts';
import type { Decision } from '../../../domain/config/config.ts';

const sha = 'a'.repeat(40);
const digest = 'd'.repeat(64);
const notAfter = '2026-11-24T12:00:00.000Z';
const now = '2026-11-24T10:30:00.000Z';

const ruleOf = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  required: 1,
  reasons: [],
  eligible: ['alice', 'bob'],
  notAlone: [],
  solo: 'off',
  ...over,
});

const sealedOf = (rule = ruleOf(), over: Partial<Plan> = {}): SealedPlan => ({
  plan: {
    deployId: 'd-1',
    project: 'shop',
    environment: 'production',
    sha,
    requestedBy: 'ci',
    rollbackTarget: { id: 'r', sha: 'b'.repeat(40) },
    rule,
    timing: timing(),
    notAfter,
    ...over,
  } as Plan,
  gates: [],
  digest,
});

const decisionOf = (over: Partial<Decision> = {}): Decision => ({
  subject: 'deploy',
  subjectDigest: digest,
  deployId: 'd-1',
  project: 'shop',
  environment: 'production',
  sha,
  decision: 'approve',
  approver: 'alice',
  nonce: '1'.repeat(32),
  notAfter,
  ...over,
});

const good = { ok: true, keyType: 'ssh-ed25519', touch: false } as const;
const touched = { ok: true, keyType: 'sk-ssh-ed25519@openssh.com', touch: true } as const;
const people = { approvers: ['alice', 'bob', 'carol', 'robot'], requesters: ['ci', 'robot'] };

const judge = (over: Partial<Case> = {}) =>
  judgeDecision({
    sealed: sealedOf(),
    decision: decisionOf(),
    signature: good,
    earlier: [],
    now,
    people,
    ...over,
  });

const rulingOf = (over: Partial<Ruling> = {}): Ruling => ({
  verdict: 'counted',
  decision: 'approve',
  approver: 'alice',
  why: '',
  nonce: '9'.repeat(32),
  at: now,
  touch: false,
  genuine: true,
  ...over,
});

describe('a decision that counts', () => {
  test('approve', () => {
    expect(judge()).toEqual({
      verdict: 'counted',
      why: 'alice says yes (ssh-ed25519)',
      touch: false,
      genuine: true,
    });
  });

  test('one that ends before its plan does, until then', () => {
    const decision = decisionOf({ notAfter: '2026-11-24T11:30:00.000Z' });
    expect(judge({ decision, now: '2026-11-24T11:30:00.000Z' }).verdict).toBe('counted');
    expect(judge({ decision, now: '2026-11-24T11:30:00.001Z' }).why).toBe(
      'the decision expired at 2026-11-24T11:30:00.000Z',
    );
  });

  test('reject, also by the requester, and without a touch in solo mode', () => {
    const sealed = sealedOf(ruleOf({ solo: 'touch-key', eligible: ['alice'] }), {
      requestedBy: 'alice',
    });
    const decision = decisionOf({ decision: 'reject' });
    expect(judge({ sealed, decision })).toMatchObject({ verdict: 'counted', why: 'alice says no' });
  });

  test('solo mode says so loudly', () => {
    const sealed = sealedOf(ruleOf({ solo: 'touch-key', eligible: ['alice'] }));
    expect(judge({ sealed, signature: touched }).why).toBe(
      'alice says yes (sk-ssh-ed25519@openssh.com, touched); SOLO MODE (touch-key)',
    );
  });

  test('a first deploy and a keep have subjects of their own', () => {
    const first = sealedOf(ruleOf(), { rollbackTarget: null });
    expect(judge({ sealed: first, decision: decisionOf({ subject: 'first' }) }).verdict).toBe(
      'counted',
    );
    const late = '2026-11-24T13:00:00.000Z';
    const keep = decisionOf({ subject: 'keep', notAfter: '2026-11-24T14:30:00.000Z' });
    expect(judge({ decision: keep, asked: 'keep', now: late }).verdict).toBe('counted');
  });
});

const solo = ruleOf({ required: 2, solo: 'file-key', eligible: ['alice'] });
const elsewhere = 'c'.repeat(40);

describe('a decision that does not count says why', () => {
  test.each<[string, Partial<Case>, string]>([
    [
      'wrong subject',
      { decision: decisionOf({ subject: 'keep' }) },
      'the decision is about "keep", but the question is "deploy"',
    ],
    [
      'shipping where there is no rollback target',
      { sealed: sealedOf(ruleOf(), { rollbackTarget: null }) },
      'the decision is about "deploy", but the question is "first"',
    ],
    [
      'a ship approval where a keep was asked',
      { asked: 'keep' },
      'the decision is about "deploy", but the question is "keep"',
    ],
    [
      'other digest',
      { decision: decisionOf({ subjectDigest: 'e'.repeat(64) }) },
      'the decision is for the plan with digest eeeeeeeeeeee, but the digest of this plan is dddddddddddd',
    ],
    [
      'other deploy',
      { decision: decisionOf({ deployId: 'd-2' }) },
      'the decision is for the deploy d-2, not for d-1',
    ],
    [
      'other project',
      { decision: decisionOf({ project: 'blog' }) },
      'the decision is for the project blog, not for shop',
    ],
    [
      'other environment',
      { decision: decisionOf({ environment: 'staging' }) },
      'the decision is for staging, not for production',
    ],
    [
      'other commit',
      { decision: decisionOf({ sha: elsewhere }) },
      'the decision is for commit cccccccccccc, not for aaaaaaaaaaaa',
    ],
    [
      'too late',
      { now: '2026-11-24T12:00:00.001Z' },
      'the decision expired at 2026-11-24T12:00:00.000Z',
    ],
    [
      'an end of its own',
      { decision: decisionOf({ notAfter: '2027-11-24T12:00:00.000Z' }) },
      'the decision is valid until 2027-11-24T12:00:00.000Z, but the plan expires earlier (2026-11-24T12:00:00.000Z)',
    ],
    [
      'a keep for ever',
      {
        asked: 'keep',
        decision: decisionOf({ subject: 'keep', notAfter: '2027-11-24T12:00:00.000Z' }),
      },
      'the decision is valid until 2027-11-24T12:00:00.000Z, longer than a question stays open',
    ],
    [
      'unknown approver',
      { decision: decisionOf({ approver: 'mallory' }) },
      'mallory is not a configured approver',
    ],
    [
      'an agent',
      { decision: decisionOf({ approver: 'ci' }) },
      'ci is an agent: it may request deploys, but never approve',
    ],
    [
      'an agent that is listed as an approver too',
      { decision: decisionOf({ approver: 'robot' }) },
      'robot is an agent: it may request deploys, but never approve',
    ],
    [
      'bad signature',
      { signature: { ok: false, why: 'its key ran out at 2020-01-01T00:00:00' } },
      "the signature is not alice's: its key ran out at 2020-01-01T00:00:00",
    ],
    [
      'requester alone',
      { sealed: sealedOf(ruleOf({ eligible: ['bob'] }), { requestedBy: 'alice' }) },
      'alice requested this deploy and cannot be its only approver; ask bob',
    ],
    [
      'author alone',
      { sealed: sealedOf(ruleOf({ eligible: ['bob', 'carol'], notAlone: [['alice']] })) },
      'alice wrote commits of this deploy and cannot be its only approver; ask bob or carol',
    ],
    [
      'an approver since',
      { decision: decisionOf({ approver: 'carol' }) },
      'carol was not an approver when this deploy was planned; ask alice or bob',
    ],
    [
      'the same approver again',
      { sealed: sealedOf(ruleOf({ required: 2 })), earlier: [rulingOf()] },
      'alice has approved already',
    ],
    [
      'replay',
      { earlier: [rulingOf({ nonce: '1'.repeat(32), verdict: 'void' })] },
      'it is a replay: the decision with nonce 11111111 was already judged',
    ],
    [
      'solo without a touch',
      { sealed: sealedOf(ruleOf({ solo: 'touch-key', eligible: ['alice'] })) },
      'solo mode needs a touch: sign with the touch key and touch it',
    ],
    [
      'solo, second confirmation too early',
      { sealed: sealedOf(solo), earlier: [rulingOf({ at: '2026-11-24T10:15:00.001Z' })] },
      'the second confirmation comes too early; send it at 2026-11-24T10:30:00.001Z or later',
    ],
  ])('%s', (_, over, why) => {
    expect(judge(over)).toMatchObject({ verdict: 'void', why });
  });

  test('a forged decision with a copied nonce does not use the nonce up', () => {
    const forged = rulingOf({ nonce: '1'.repeat(32), verdict: 'void', genuine: false });
    expect(judge({ earlier: [forged] }).verdict).toBe('counted');
  });

  test('solo, second confirmation after 15 min counts, a third does not', () => {
    const first = rulingOf({ at: '2026-11-24T10:15:00.000Z', nonce: '2'.repeat(32) });
    const second = rulingOf({ nonce: '3'.repeat(32) });
    expect(judge({ sealed: sealedOf(solo), earlier: [first] }).verdict).toBe('counted');
    expect(judge({ sealed: sealedOf(solo), earlier: [first, second] }).why).toBe(
      'alice has approved already',
    );
  });
});

describe('the state of an approval', () => {
  const state = (rule: ApprovalRule, ...names: string[]) =>
    approvalState(
      { rule },
      names.map((approver, n) => rulingOf({ approver, nonce: String(n).padStart(32, '0') })),
    );

  test('automatic', () => {
    expect(state(ruleOf({ required: 0 }))).toEqual({
      kind: 'approved',
      why: 'automatic',
      from: [],
      more: 0,
      needed: [],
    });
  });

  test('waiting for one, for two, for the other one', () => {
    expect(state(ruleOf()).why).toBe('waiting for alice or bob');
    const two = ruleOf({ required: 2, eligible: ['alice', 'bob', 'carol'] });
    expect(state(two).why).toBe('waiting for 2 of alice, bob, carol');
    expect(state(two, 'alice').why).toBe('waiting for bob or carol');
    expect(state(two, 'alice', 'carol')).toMatchObject({
      kind: 'approved',
      why: 'approved by alice and carol',
    });
  });

  test('one person twice is one person', () => {
    expect(state(ruleOf({ required: 2 }), 'alice', 'alice').kind).toBe('waiting');
  });

  test('an author needs somebody who did not write it', () => {
    const rule = ruleOf({ eligible: ['alice', 'bob', 'carol'], notAlone: [['alice', 'bob']] });
    expect(state(rule, 'alice', 'bob')).toMatchObject({
      kind: 'waiting',
      why: 'waiting for carol',
    });
    expect(state(rule, 'alice', 'carol').kind).toBe('approved');
  });

  test('requester and author together: each covers the other', () => {
    const rule = ruleOf({ notAlone: [['alice'], ['bob']] });
    expect(state(rule, 'alice').why).toBe('waiting for bob');
    expect(state(rule, 'alice', 'bob').kind).toBe('approved');
  });

  test('one no ends it, whatever else was said', () => {
    const no = rulingOf({ decision: 'reject', approver: 'bob' });
    expect(approvalState({ rule: ruleOf() }, [rulingOf(), no])).toMatchObject({
      kind: 'rejected',
      why: 'rejected by bob',
    });
    expect(approvalState({ rule: ruleOf() }, [{ ...no, verdict: 'void' }]).kind).toBe('waiting');
  });

  test('solo: the second confirmation is asked for', () => {
    expect(state(solo, 'alice').why).toBe(
      'waiting for a second confirmation by alice after the cool-off',
    );
    expect(state(solo, 'alice', 'alice').kind).toBe('approved');
    const once = [rulingOf({ nonce: '7'.repeat(32) }), rulingOf({ nonce: '7'.repeat(32) })];
    expect(approvalState({ rule: solo }, once).kind).toBe('waiting');
  });
});

describe('whatever arrives, in whatever order', () => {
  const names = ['alice', 'bob', 'carol', 'dave'];
  const anyRule = fc
    .record({
      required: fc.constantFrom(1 as const, 2 as const),
      notAlone: fc.array(fc.subarray(names, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
    })
    .map((rule) => ({
      ...ruleOf(rule),
      eligible: helpful(names, ruleOf(rule)),
    }));

  type Arrival = { decision: Decision; signed: boolean; minute: number };
  const arrival: fc.Arbitrary<Arrival> = fc.record({
    decision: fc
      .record({
        approver: fc.constantFrom(...names, 'ci', 'mallory'),
        nonce: fc.constantFrom('1', '2', '3', '4', '5').map((digit) => digit.repeat(32)),
        subjectDigest: fc.constantFrom(digest, digest, digest, 'e'.repeat(64)),
        deployId: fc.constantFrom('d-1', 'd-1', 'd-1', 'd-0'),
      })
      .map(decisionOf),
    signed: fc.boolean(),
    minute: fc.integer({ min: 0, max: 150 }),
  });

  function play(rule: ApprovalRule, arrivals: Arrival[]) {
    const sealed = sealedOf(rule);
    const rulings: Ruling[] = [];
    for (const { decision, signed, minute } of arrivals.toSorted((a, b) => a.minute - b.minute)) {
      const at = new Date(Date.parse('2026-11-24T10:00:00Z') + minute * 60_000).toISOString();
      const signature = signed ? good : ({ ok: false, why: 'forged' } as const);
      const judged = judgeDecision({
        ...{ sealed, decision, signature, earlier: rulings, now: at },
        people: { approvers: names, requesters: ['ci'] },
      });
      rulings.push(rulingOf({ ...judged, at, approver: decision.approver, nonce: decision.nonce }));
    }
    return { rulings, state: approvalState(sealed.plan, rulings) };
  }

  const genuine = ({ decision, signed, minute }: Arrival) =>
    signed &&
    minute <= 120 &&
    names.includes(decision.approver) &&
    decision.subjectDigest === digest &&
    decision.deployId === 'd-1';

  test('nothing is approved without a genuine quorum', () => {
    fc.assert(
      fc.property(anyRule, fc.array(arrival, { maxLength: 12 }), (rule, arrivals) => {
        const { state } = play(rule, arrivals);
        const yes = [...new Set(arrivals.filter(genuine).map(({ decision }) => decision.approver))];
        expect(state.kind !== 'approved' || suffices(yes, rule)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a genuine quorum is never lost, whatever else is thrown at it', () => {
    const noise = fc.array(arrival, { maxLength: 8 });
    const order = fc.array(fc.integer({ min: 0, max: 110 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(anyRule, noise, order, (rule, arrivals, minutes) => {
        fc.pre(suffices(names, rule));
        const forged = arrivals.filter(
          (one) => !(one.signed && names.includes(one.decision.approver)),
        );
        const real = names.map((approver, n) => ({
          decision: decisionOf({ approver, nonce: `${n + 1}`.repeat(32) }),
          signed: true,
          minute: minutes[n] ?? 0,
        }));
        expect(play(rule, [...forged, ...real]).state.kind).toBe('approved');
      }),
      { numRuns: 1000 },
    );
  });

  test('waiting always names somebody who can still help', () => {
    fc.assert(
      fc.property(anyRule, fc.subarray(names), (rule, yes) => {
        fc.pre(suffices(names, rule));
        const given = yes.filter((name) => rule.eligible.includes(name));
        const rulings = given.map((approver, n) =>
          rulingOf({ approver, nonce: `${n}`.repeat(32) }),
        );
        const state = approvalState({ rule }, rulings);
        expect(state.kind).not.toBe('rejected');
        expect(state.kind === 'approved' || /alice|bob|carol|dave/.test(state.why)).toBe(true);
      }),
    );
  });
});

describe('a role', () => {
  const dba = { name: 'dba', people: ['bob'] };
  const legal = { name: 'legal', people: ['carol'] };
  const rule = (over: Partial<ApprovalRule> = {}) =>
    ruleOf({ required: 2, eligible: ['alice', 'bob', 'carol'], roles: [dba], ...over });
  const after = (it: ApprovalRule, ...names: string[]) =>
    approvalState(
      { rule: it },
      names.map((approver) => rulingOf({ approver, nonce: approver.padEnd(32, '0') })),
    );

  test.each<[string, ApprovalRule, string[], string]>([
    ['nobody', rule(), [], 'waiting for 2 of alice, bob, carol, one of them dba (bob)'],
    ['one without it', rule(), ['alice'], 'waiting for bob as dba'],
    ['one who has it', rule(), ['bob'], 'waiting for alice or carol'],
    ['enough people without it', rule(), ['alice', 'carol'], 'waiting for bob as dba'],
    ['both', rule(), ['alice', 'bob'], 'approved by alice and bob'],
    ['a role of one', rule({ required: 1, eligible: ['bob'] }), [], 'waiting for bob as dba'],
    [
      'two roles of two people, one of them enough by number',
      rule({ required: 1, roles: [dba, legal], eligible: ['bob', 'carol'] }),
      [],
      'waiting for 2 of bob, carol, one of them dba (bob), one of them legal (carol)',
    ],
    [
      'the second of two roles',
      rule({ required: 1, roles: [dba, legal], eligible: ['bob', 'carol'] }),
      ['bob'],
      'waiting for carol as legal',
    ],
    [
      'two roles of one person',
      rule({ roles: [dba, { name: 'legal', people: ['bob'] }] }),
      ['alice'],
      'waiting for bob as dba and legal',
    ],
  ])('after %s', (_, it, names, why) => {
    expect(after(it, ...names).why).toBe(why);
  });

  test('is told in the ruling of whoever has it, and of whoever has not', () => {
    const decision = decisionOf({ approver: 'bob' });
    expect(judge({ sealed: sealedOf(rule()), decision }).why).toBe(
      'bob says yes as dba (ssh-ed25519)',
    );
    const only = sealedOf(rule({ required: 1, eligible: ['bob'] }));
    expect(judge({ sealed: only })).toMatchObject({
      verdict: 'void',
      why: 'alice was not an approver with the required role (dba) when this deploy was planned; ask bob',
    });
  });
});
