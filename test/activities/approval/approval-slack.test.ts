import { beforeEach, describe, expect, test } from 'vitest';
import { createApproval } from '../../../activities/approval/approval.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import { type Ledger } from '../../../activities/ledger/types.ts';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import type { ApprovalRule, Plan, Ruling, SealedPlan } from '../../../domain/deploy/plan.ts';
import { approvalState } from '../../../domain/approval/approval-state.ts';
import { Config } from '../../../domain/config/config.ts';
import type { Decision, SignedDecision } from '../../../domain/config/config.ts';
import { makeKey } from '../../support/keys.ts';
import type { TestKey } from '../../support/keys.ts';
import { openGate, planFor } from '../../support/plan.ts';

const [byKey, byClick] = ['plimsoll-approval@v1', 'plimsoll-slack@v1'];
const keys = { bob: makeKey(), carol: makeKey(), dave: makeKey(), ci: makeKey() };
const bridge = makeKey();
const now = Date.parse('2026-01-01T01:00:00.000Z');

const person = (name: keyof typeof keys, slack?: string) => ({
  keys: [keys[name].publicKey],
  ...(slack ? { slack } : {}),
});
const approvals = {
  team: 'T0TEAM',
  key: '/keys/bridge',
  publicKey: bridge.publicKey,
  appToken: 'env:SLACK_APP_TOKEN',
};
const configOf = (over: object = {}) =>
  Config.parse({
    slack: { token: 'env:SLACK_BOT_TOKEN', approvals },
    approvers: {
      bob: person('bob', 'U0BOB'),
      carol: person('carol', 'U0CAROL'),
      dave: person('dave'),
    },
    requesters: { ci: person('ci', 'U0CI') },
    projects: {},
    ...over,
  });

const gates = [openGate('tests', '2026-01-01T00:00:00.000Z')];
const ruleOf = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  required: 1,
  reasons: [],
  eligible: ['bob', 'carol', 'dave'],
  notAlone: [['alice']],
  solo: 'off',
  slack: 'one',
  ...over,
});
const sealedOf = (over: Partial<Plan> = {}): SealedPlan => {
  const plan = planFor({ rule: ruleOf(), ...over });
  return { plan, gates, digest: sealDigest(plan, gates) };
};
const sealedBy = (rule: Partial<ApprovalRule>) => sealedOf({ rule: ruleOf(rule) });

const clickOf = (user = 'U0BOB', team = 'T0TEAM') => ({
  slack: {
    user,
    team,
    channel: 'D0BOB',
    message: '1767229200.000100',
    action: '1767229260.000200',
  },
});

type Change = Partial<Decision>;
type How = { signer?: TestKey; space?: string; sealed?: SealedPlan };
let nonces = 0;

const decisionOf = (sealed: SealedPlan, change: Change): Decision => ({
  subject: sealed.plan.rollbackTarget ? 'deploy' : 'first',
  subjectDigest: sealed.digest,
  deployId: sealed.plan.deployId,
  project: sealed.plan.project,
  environment: sealed.plan.environment,
  sha: sealed.plan.sha,
  decision: 'approve',
  approver: 'bob',
  nonce: String((nonces += 1)).padStart(32, '0'),
  notAfter: sealed.plan.notAfter,
  ...change,
});
const signed = (decision: Decision, signer: TestKey, space: string): SignedDecision => ({
  decision,
  signature: signer.sign(decision, space),
});

/**
 * A decision by a click. The bridge signs the decision, unless `how` names another signer. `change`
 * replaces fields of the decision.
 */
const click = (
  change: Change = {},
  { signer = bridge, space = byClick, sealed = sealedOf() }: How = {},
) => signed(decisionOf(sealed, { via: clickOf(), ...change }), signer, space);
const carols: Change = { approver: 'carol', via: clickOf('U0CAROL') };
const withKey = (who: 'bob' | 'carol' | 'dave', sealed: SealedPlan, change: Change = {}) =>
  signed(decisionOf(sealed, { approver: who, ...change }), keys[who], byKey);

let ledger: Ledger;
let config = configOf();
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
  config = configOf();
});
const approval = () => createApproval({ config: () => config, ledger, now: () => now });
const ruleOn = (one: unknown, sealed = sealedOf(), earlier: Ruling[] = []) =>
  approval().ruleOnDecision({ sealed, signed: one, earlier });
const said = ({ verdict, why }: Ruling) => `${verdict}: ${why}`;

/** Rules on the decisions in order. Returns the rulings and the state of the approval. */
async function decided(sealed: SealedPlan, ...all: SignedDecision[]) {
  const rulings: Ruling[] = [];
  for (const one of all) rulings.push(await ruleOn(one, sealed, rulings));
  return { rulings: rulings.map(said), state: approvalState(sealed.plan, rulings).why };
}

describe('a click that the bridge signed', () => {
  test('counts for the approver whose member id it is, and is recorded with its evidence', async () => {
    const one = click();
    expect(await ruleOn(one)).toMatchObject({
      verdict: 'counted',
      why: 'bob says yes (a click at Slack)',
      approver: 'bob',
      via: 'slack',
      genuine: true,
    });
    const [entry] = await ledger.read({ limit: 9 });
    expect(entry?.body).toMatchObject({ signed: one, ruling: { via: 'slack' } });
  });

  test('holds when it is verified again before the first effect', async () => {
    const sealed = sealedOf();
    const one = click();
    await ruleOn(one, sealed);
    await expect(approval().verifyApprovals({ sealed, signed: [one] })).resolves.toBeUndefined();
  });

  test('does not hold when the member id was taken away meanwhile', async () => {
    const sealed = sealedOf();
    const one = click();
    await ruleOn(one, sealed);
    config = configOf({ approvers: { bob: person('bob'), carol: person('carol') } });
    await expect(approval().verifyApprovals({ sealed, signed: [one] })).rejects.toThrow(
      'is not approved any more: bob has no member id of Slack in the configuration; waiting for bob or carol or dave.',
    );
  });

  test('rejects', async () => {
    const no = click({ decision: 'reject' });
    expect(await decided(sealedOf(), no)).toEqual({
      rulings: ['counted: bob says no'],
      state: 'rejected by bob',
    });
  });

  test('rejects a first release as well, which it cannot approve', async () => {
    const sealed = sealedOf({ rollbackTarget: null });
    expect(await ruleOn(click({ decision: 'reject' }, { sealed }), sealed)).toMatchObject({
      verdict: 'counted',
    });
  });
});

const notBridge = "void: the signature is not the Slack bridge's: ";
const notBobs = "void: the signature is not bob's: ";

describe('an attack is refused, with a reason of its own', () => {
  const first = sealedOf({ rollbackTarget: null });
  const noWay = sealedOf({ noReturn: 'it moves a Durable Object' });
  test.each([
    ['nobody known', { approver: 'eve' }, {}, 'void: eve is not a configured approver'],
    [
      'an agent whose member id is mapped',
      { approver: 'ci', via: clickOf('U0CI') },
      {},
      'void: ci is an agent: it may request deploys, but never approve',
    ],
    [
      "another person's click in the name of bob",
      { via: clickOf('U0CAROL') },
      {},
      'void: the click came from U0CAROL, but bob is U0BOB at Slack',
    ],
    [
      'an approver without a member id',
      { approver: 'dave' },
      {},
      'void: dave has no member id of Slack in the configuration',
    ],
    [
      'another workspace, where ids may be the same',
      { via: clickOf('U0BOB', 'T0EVIL') },
      {},
      'void: the click came from the Slack workspace T0EVIL, not from T0TEAM',
    ],
    [
      'a click signed with a stolen key of an approver',
      {},
      { signer: keys.carol },
      `${notBridge}it was made with a key that is not configured for the bridge`,
    ],
    [
      "a click signed as approvals are, with bob's own key",
      {},
      { signer: keys.bob, space: byKey },
      `${notBridge}it was made for "plimsoll-approval@v1", not for "plimsoll-slack@v1"`,
    ],
    [
      "the bridge's key without a click",
      { via: undefined },
      { space: byKey },
      `${notBobs}it was made with a key that is not configured for this person`,
    ],
    [
      "the bridge's signature without a click",
      { via: undefined },
      {},
      `${notBobs}it was made for "plimsoll-slack@v1", not for "plimsoll-approval@v1"`,
    ],
    [
      'a first release',
      {},
      { sealed: first },
      'void: a click at Slack cannot approve a release that cannot be rolled back: approve ' +
        'the plan by key',
    ],
    [
      'a release that nothing takes back',
      {},
      { sealed: noWay },
      'void: a click at Slack cannot approve a release that cannot be rolled back: approve ' +
        'the plan by key',
    ],
    [
      'a plan that was made without Slack',
      {},
      { sealed: sealedOf({ rule: { ...ruleOf(), slack: undefined } as never }) },
      'void: approvals by Slack were not configured when this deploy was planned',
    ],
    [
      'a plan under "suffices: never"',
      {},
      { sealed: sealedBy({ slack: 'never' }) },
      'void: the configuration allows clicks at Slack for rejections only: approve the plan by key',
    ],
    [
      'a person who wrote what is shipped',
      {},
      { sealed: sealedBy({ eligible: ['carol'], notAlone: [['bob']] }) },
      'void: bob wrote commits of this deploy and cannot be its only approver; ask carol',
    ],
    [
      'the requester themselves',
      {},
      { sealed: sealedOf({ requestedBy: 'bob', rule: ruleOf({ eligible: ['carol'] }) }) },
      'void: bob requested this deploy and cannot be its only approver; ask carol',
    ],
    [
      'one human alone who must touch a key',
      {},
      { sealed: sealedBy({ solo: 'touch-key', eligible: ['bob'] }) },
      'void: solo mode needs a touch: sign with the touch key and touch it',
    ],
  ] as const)('%s', async (_, change, how: How, why) => {
    const { sealed = sealedOf() } = how;
    expect(said(await ruleOn(click(change as Change, how), sealed))).toBe(why);
  });

  test('a click changed after it was signed', async () => {
    const one = click();
    const moved = { ...one, decision: { ...one.decision, ...carols } };
    expect(said(await ruleOn(moved))).toBe(
      `${notBridge}the ssh-ed25519 signature does not match the signed content`,
    );
  });

  test('evidence that is none', async () => {
    const one = click();
    const { slack } = clickOf();
    const without = { ...one.decision, via: { slack: { ...slack, action: undefined } } };
    expect(said(await ruleOn({ ...one, decision: without }))).toMatch(
      /^void: it is not a signed decision, because decision\.via\.slack\.action is not valid: /,
    );
  });

  test('any click where no bridge is configured', async () => {
    config = configOf({ slack: { token: 'env:SLACK_BOT_TOKEN' } });
    expect(said(await ruleOn(click()))).toBe('void: approvals by Slack are not configured here');
  });

  test('a click that would keep a release that was not proven healthy', async () => {
    const sealed = sealedOf();
    const notAfter = new Date(now + 3600_000).toISOString();
    const one = click({ subject: 'keep', notAfter }, { sealed });
    const ruling = await approval().ruleOnDecision({
      ...{ sealed, signed: one, earlier: [] },
      subject: 'keep',
    });
    expect(said(ruling)).toBe(
      'void: a click at Slack cannot decide about "keep": this decision needs a signature by key',
    );
  });

  test('a forgery uses up no nonce: the genuine click still counts', async () => {
    const one = click();
    const forged = { ...one, signature: keys.carol.sign(one.decision, byClick) };
    const first = await ruleOn(forged);
    expect(first.genuine).toBeUndefined();
    expect(await ruleOn(one, sealedOf(), [first])).toMatchObject({ verdict: 'counted' });
  });
});

describe('where two must approve', () => {
  const both = () => sealedBy({ required: 2 });

  test('clicks alone wait for one signature by key, which anybody who may approve gives', async () => {
    const sealed = both();
    const clicks = [click({}, { sealed }), click(carols, { sealed })];
    expect(await decided(sealed, ...clicks)).toEqual({
      rulings: [
        'counted: bob says yes (a click at Slack)',
        'counted: carol says yes (a click at Slack)',
      ],
      state:
        'waiting for one signature by key, by bob or carol or dave: clicks at Slack alone are ' +
        'not enough here',
    });
    const { state } = await decided(sealed, ...clicks, withKey('bob', sealed));
    expect(state).toBe('approved by bob and carol');
    const third = await decided(sealed, ...clicks, withKey('dave', sealed));
    expect(third.state).toBe('approved by bob and carol and dave');
  });

  test('a click and a signature of another person suffice, in either order', async () => {
    const sealed = both();
    const [one, other] = [click(carols, { sealed }), withKey('bob', sealed)];
    expect((await decided(sealed, one, other)).state).toBe('approved by carol and bob');
    expect((await decided(sealed, other, one)).state).toBe('approved by bob and carol');
  });

  test('one person by click and by key is one person', async () => {
    const sealed = both();
    const twice = [click({}, { sealed }), withKey('bob', sealed), withKey('bob', sealed)];
    expect(await decided(sealed, ...twice)).toEqual({
      rulings: [
        'counted: bob says yes (a click at Slack)',
        'counted: bob says yes (ssh-ed25519)',
        'void: bob has approved already',
      ],
      state: 'waiting for carol or dave',
    });
  });

  test("a click after one's own signature adds nothing", async () => {
    const sealed = both();
    const { rulings } = await decided(sealed, withKey('bob', sealed), click({}, { sealed }));
    expect(rulings[1]).toBe('void: bob has approved already');
  });

  test('clicks alone suffice under "suffices: all"', async () => {
    const sealed = sealedBy({ required: 2, slack: 'all' });
    const clicks = [click({}, { sealed }), click(carols, { sealed })];
    expect((await decided(sealed, ...clicks)).state).toBe('approved by bob and carol');
  });

  test('the last check before the first effect needs that signature as well', async () => {
    const sealed = both();
    const clicks = [click({}, { sealed }), click(carols, { sealed })];
    await decided(sealed, ...clicks);
    await expect(approval().verifyApprovals({ sealed, signed: clicks })).rejects.toThrow(
      'is not approved any more: waiting for one signature by key, by bob or carol',
    );
  });
});

describe('one human alone, by Slack', () => {
  const alone = (over: Partial<ApprovalRule> = {}) =>
    sealedBy({ solo: 'slack', eligible: ['bob'], notAlone: [], ...over });

  test('a click counts, also for a release without a rollback target', async () => {
    const sealed = sealedOf({ ...alone().plan, rollbackTarget: null });
    expect(said(await ruleOn(click({}, { sealed }), sealed))).toBe(
      'counted: bob says yes (a click at Slack); SOLO MODE (slack)',
    );
  });

  test('a key file does not, an agent of the machine could use it', async () => {
    const sealed = alone();
    expect(said(await ruleOn(withKey('bob', sealed), sealed))).toBe(
      'void: solo mode needs a click at Slack, or the touch key and a touch',
    );
  });

  test('a second click counts after the cool-off, where two are needed', async () => {
    const sealed = alone({ required: 2 });
    const [one, other] = [click({}, { sealed }), click({}, { sealed })];
    const { rulings, state } = await decided(sealed, one, other);
    expect(rulings[1]).toBe(
      'void: the second confirmation comes too early; send it at 2026-01-01T01:15:00.000Z or later',
    );
    expect(state).toBe('waiting for a second confirmation by bob after the cool-off');
  });
});
