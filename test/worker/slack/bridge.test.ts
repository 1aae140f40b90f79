import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApproval } from '../../../activities/approval.ts';
import { signClick } from '../../../activities/approval/bridge-key.ts';
import { openLedger } from '../../../activities/ledger.ts';
import type { Ledger } from '../../../activities/ledger.ts';
import type { Ruling, SealedPlan } from '../../../domain/plan.ts';
import { Config } from '../../../domain/schema.ts';
import type { ClickInput } from '../../../sandbox/slack/clicks.ts';
import { createBridge } from '../../../worker/slack/bridge.ts';
import type { BridgeDeps } from '../../../worker/slack/bridge.ts';
import { membersOf } from '../../../worker/slack/doors.ts';
import type { AskedNow } from '../../../worker/slack/find-asked.ts';
import { readClick } from '../../../worker/slack/read-click.ts';
import { makeKey } from '../../support/keys.ts';
import { askedSlack, clickable } from './door-fixture.ts';

const team = 'T0SANDBOX';
const key = makeKey();
const person = (slack?: string) => ({
  keys: [makeKey().publicKey],
  ...(slack ? { slack } : {}),
});
const config = Config.parse({
  slack: {
    token: 'env:SLACK_BOT_TOKEN',
    approvals: { team, key: key.path, publicKey: key.publicKey, appToken: 'env:SLACK_APP_TOKEN' },
  },
  approvers: { bob: person('U0BOB'), carol: person('U0CAROL'), alice: person('U0ALICE') },
  requesters: { ci: person('U0CI') },
  projects: {},
});

let ledger: Ledger;
let slack: Awaited<ReturnType<typeof askedSlack>>['slack'];
beforeEach(async () => {
  ledger = await openLedger({ path: ':memory:' });
});
afterEach(async () => {
  await slack.close();
  await ledger.close();
});

/** The bridge before a deploy that waits: its rulings are those of the real activity. */
async function waiting({
  sealed = clickable(),
  asked = {},
  over = {},
}: { sealed?: SealedPlan; asked?: Partial<AskedNow>; over?: Partial<BridgeDeps> } = {}) {
  const at = await askedSlack(sealed);
  slack = at.slack;
  const { ruleOnDecision } = createApproval({ config: () => config, ledger });
  const [rulings, told, warned]: [Ruling[], string[], string[]] = [[], [], []];
  const now: AskedNow = {
    ...{ runId: 'run-1', running: true, phase: 'approval', sealed, genuine: true },
    ...asked,
  };
  const deps: BridgeDeps = {
    members: membersOf(config, team),
    deploys: {
      asked: async () => now,
      decide: async (_, __, signed) => {
        rulings.push(await ruleOnDecision({ sealed, signed, earlier: [...rulings] }));
      },
      ruling: async (_, __, nonce) => rulings.findLast((one) => one.nonce === nonce) ?? null,
    },
    ledger,
    sign: (decision) => signClick({ key: key.path }, decision),
    tell: async ({ user }, text) => void told.push(`${user}: ${text}`),
    warn: (line) => void warned.push(line),
    patienceMs: 0,
    ...over,
  };
  const bridge = createBridge(deps);
  const press = async (input: Partial<ClickInput> = {}, through = bridge, payload?: unknown) => {
    const wanted = { user: 'U0BOB', button: 'Approve', message: bobs(), ...input } as const;
    const click = readClick(payload ?? slack.payload(wanted), team);
    if (!click) throw new Error('it is no click of ours');
    return await (
      await through.hear(click)
    ).end;
  };
  return { ...at, press, rulings, told, warned, deps };
}

/** The message whose button is pressed, whoever presses it. */
const bobs = () => {
  const message = slack.messages().find(({ name }) => name === '@U0BOB');
  return { channel: message?.channel ?? '', ts: message?.ts ?? '' };
};
const recorded = async () =>
  (await ledger.read({ kinds: ['ruling'], limit: 10 })).map(({ body }) => body['ruling']);
const ago = (minutes: number) => `${(Date.now() / 1000 - minutes * 60).toFixed(6)}`;

describe('a click of an approver', () => {
  test('counts, is recorded with its evidence, and needs no word: the message shows it', async () => {
    const { press, told } = await waiting();
    expect(await press()).toEqual({ did: 'counted', text: null });
    expect(told).toEqual([]);
    expect(await recorded()).toMatchObject([
      { verdict: 'counted', approver: 'bob', why: 'bob says yes (a click at Slack)', via: 'slack' },
    ]);
  });

  test('rejects as well', async () => {
    const { press, rulings } = await waiting();
    expect(await press({ button: 'Reject' })).toMatchObject({ did: 'counted' });
    expect(rulings).toMatchObject([{ decision: 'reject', why: 'bob says no' }]);
  });

  test('is kept where no worker rules on it yet, and says so', async () => {
    const { press, deps } = await waiting();
    const silent = createBridge({
      ...deps,
      deploys: { ...deps.deploys, ruling: async () => null },
    });
    expect(await press({}, silent)).toEqual({
      did: 'stored',
      text:
        'Heard, and kept by Temporal; no worker has ruled on it yet. It will count when one is back.\n' +
        'See the ruling: npx --no plimsoll status gateway production',
    });
  });

  test('is not lost when the server is away: whoever clicked is told, and clicks again', async () => {
    const { press, deps, told, warned } = await waiting();
    let away = true;
    const asked: BridgeDeps['deploys']['asked'] = async (place) => {
      if (away) throw new Error('14 UNAVAILABLE');
      return await deps.deploys.asked(place);
    };
    const shaky = createBridge({ ...deps, deploys: { ...deps.deploys, asked } });
    const actionTs = ago(0);
    expect(await press({ actionTs }, shaky)).toMatchObject({ did: 'failed' });
    expect(warned).toEqual(['A click at Slack was not taken: 14 UNAVAILABLE']);
    expect(told).toEqual([
      'U0BOB: This click was not taken: the worker cannot reach what it needs, and its log says what. ' +
        'Nothing changed.\n' +
        'Click once more, or sign it by key: npx --no plimsoll approve gateway production',
    ]);
    away = false;
    expect(await press({ actionTs }, shaky)).toMatchObject({ did: 'counted' });
  });
});

const nothing = 'This click does not count.';
const sign = 'Sign it by key instead: npx --no plimsoll approve gateway production';
const look = 'See what is there: npx --no plimsoll status gateway production';
const other = 'e'.repeat(64);
const valueOf = (over: object) => {
  const { plan, digest } = clickable();
  const { deployId, project, environment } = plan;
  return JSON.stringify({ deployId, project, environment, digest, ...over });
};

type Attack = {
  name: string;
  input?: () => Partial<ClickInput>;
  asked?: () => Partial<AskedNow>;
  text: string | ((sealed: SealedPlan) => string);
  /** Of a deploy that nobody knows: not in the ledger. */
  unrecorded?: true;
};
const attacks: Attack[] = [
  {
    name: 'of another workspace',
    input: () => ({ team: 'T0OTHER' }),
    text: `${nothing} It came from the Slack workspace T0OTHER, not from T0SANDBOX. Nothing changed.\n${sign}`,
  },
  {
    name: 'of somebody unknown',
    input: () => ({ user: 'U0MALLORY' }),
    text:
      `${nothing} No approver has the member id U0MALLORY. Nothing changed.\n` +
      `Is it yours? Add it to your name in the worker's plimsoll.yaml (slack: U0MALLORY). ${sign}`,
  },
  {
    name: 'of an agent',
    input: () => ({ user: 'U0CI' }),
    text:
      `${nothing} ci is an agent: it may request, never approve. Nothing changed.\n` +
      'Who may: npx --no plimsoll status gateway production',
  },
  {
    name: 'that somebody kept',
    input: () => ({ actionTs: ago(6) }),
    text: `${nothing} It is 6 min old, and a click counts for 5. Nothing changed.\nClick once more.`,
  },
  {
    name: 'that is still to come',
    input: () => ({ actionTs: ago(-6) }),
    text:
      `${nothing} It is dated 6 min ahead of the worker's clock. Nothing changed.\n` +
      "Set the clock of the worker's machine, or sign by key: npx --no plimsoll approve gateway production",
  },
  {
    name: 'on a button with a forged value',
    input: () => ({ value: '{"approve":"everything"}' }),
    text:
      `${nothing} Its button is none that Plimsoll made. Nothing changed.\n` +
      'See what waits: npx --no plimsoll status PROJECT ENVIRONMENT',
    unrecorded: true,
  },
  {
    name: 'for another plan',
    input: () => ({ value: valueOf({ digest: other }) }),
    text: ({ digest }) =>
      `${nothing} It is for another plan (digest eeeeeeeeeeee); this one is ${digest.slice(0, 12)}. ` +
      'Nothing changed.\nRead the newest, then sign it: npx --no plimsoll approve gateway production',
  },
  {
    name: 'for another deploy',
    input: () => ({ value: valueOf({ deployId: 'd-ffffffffffff' }) }),
    text:
      `${nothing} It is for the deploy d-ffffffffffff; d-0123456789ab is there now. Nothing changed.\n` +
      look,
    unrecorded: true,
  },
  {
    name: 'where none waits',
    asked: () => ({ sealed: null }),
    text: `${nothing} Nothing waits for a decision in gateway production. Nothing changed.\n${look}`,
    unrecorded: true,
  },
  {
    name: 'on a deploy that is being released',
    asked: () => ({ phase: 'release' }),
    text: `${nothing} gateway production is not asking any more: it is in release. Nothing changed.\n${look}`,
  },
  {
    name: 'on a deploy that is closed',
    asked: () => ({ running: false, phase: 'approval' }),
    text: `${nothing} gateway production is not asking any more: it is closed. Nothing changed.\n${look}`,
  },
  {
    name: 'on a plan that somebody changed',
    asked: () => ({ genuine: false }),
    text: ({ digest }) =>
      `${nothing} The plan of gateway production does not match its digest ${digest.slice(0, 12)}. ` +
      'Nothing changed.\nEnd it, and deploy again: npx --no plimsoll abort gateway production',
    unrecorded: true,
  },
];

test.each(attacks)('a click $name is refused before it is signed', async (attack) => {
  const sealed = clickable();
  const { press, told, rulings } = await waiting({ sealed, asked: attack.asked?.() ?? {} });
  const text = typeof attack.text === 'string' ? attack.text : attack.text(sealed);
  const input = attack.input?.() ?? {};
  expect(await press(input)).toEqual({ did: 'refused', text });
  expect(told).toEqual([`${input.user ?? 'U0BOB'}: ${text}`]);
  expect(rulings).toEqual([]);
  const void_ = { verdict: 'void', why: text.slice(0, 300), via: 'slack' };
  expect(await recorded()).toMatchObject(attack.unrecorded ? [] : [void_]);
});

test('a click on an expired question is refused, also once the deploy is closed', async () => {
  const notAfter = new Date(Date.now() - 1000).toISOString();
  const { press } = await waiting({ sealed: clickable({ notAfter }) });
  expect(await press()).toEqual({
    did: 'refused',
    text:
      `${nothing} The plan expired at ${notAfter}. Nothing changed.\n` +
      'Deploy again: npx --no plimsoll deploy gateway production',
  });
  expect(await recorded()).toHaveLength(1);
});

test('a click on a deploy that ended long ago is recorded with it', async () => {
  const [project, environment, deployId] = ['gateway', 'production', 'd-0123456789ab'];
  const key_ = `${deployId}/closed`;
  const body = { outcome: 'expired' };
  await ledger.append({ kind: 'closed', key: key_, deployId, project, environment, body });
  const { press } = await waiting({ asked: { sealed: null } });
  expect(await press()).toMatchObject({ did: 'refused' });
  expect(await recorded()).toMatchObject([{ verdict: 'void', approver: 'bob' }]);
});

test('one click counts once, in whatever way it comes again', async () => {
  const { press, rulings, deps } = await waiting();
  const actionTs = ago(1);
  expect(await press({ actionTs })).toMatchObject({ did: 'counted' });
  expect(await press({ actionTs })).toEqual({
    did: 'repeated',
    text: 'This click was heard already: it counts once. Nothing changed.',
  });
  expect(rulings).toHaveLength(1);
  // Another worker remembers nothing.
  const another = createBridge(deps);
  await press({ actionTs }, another);
  expect(rulings.map(({ verdict, why }) => `${verdict}: ${why}`)).toEqual([
    'counted: bob says yes (a click at Slack)',
    expect.stringMatching(/^void: it is a replay: the decision with nonce [0-9a-f]{8} was ruled/),
  ]);
});

test('who requested it does not approve it alone, nor does a second click', async () => {
  const sealed = clickable({
    rule: {
      ...{ required: 1, reasons: [], notAlone: [['alice']], solo: 'off', slack: 'one' },
      eligible: ['bob', 'carol'],
    },
  });
  const { press } = await waiting({ sealed });
  const who = '\nWho may approve: npx --no plimsoll status gateway production';
  expect(await press({ user: 'U0ALICE' })).toEqual({
    did: 'void',
    text:
      'This click does not count: alice requested this deploy and does not approve it alone; ask bob or carol. ' +
      `It is recorded, and nothing changed.${who}`,
  });
  await press();
  expect(await press()).toEqual({
    did: 'void',
    text: `This click does not count: bob has approved already. It is recorded, and nothing changed.${who}`,
  });
});

test('what has no way back is approved by key, whatever button was pressed', async () => {
  const sealed = clickable({ noReturn: 'a Durable Object is migrated' });
  const { press, slack: at } = await waiting({ sealed });
  const [channel = '', ts = ''] = Object.values(bobs());
  expect(at.payload({ user: 'U0BOB', button: 'Approve', message: { channel, ts } })).toBe(
    undefined,
  );
  const stale = { ...slack.payload({ user: 'U0BOB', button: 'Reject' })! };
  const [action] = stale.actions;
  const actions = [{ ...action!, action_id: 'plimsoll_approve' }];
  expect(await press({}, undefined, { ...stale, actions })).toMatchObject({
    did: 'void',
    text: expect.stringMatching(
      /^This click does not count: what has no way back is not approved by a click at Slack: approve it by key\. /,
    ),
  });
});

test('what is no click on a button of ours is left alone', async () => {
  const { slack: at } = await waiting();
  const payload = at.payload({ user: 'U0BOB', button: 'Approve' });
  const [action] = payload?.actions ?? [];
  const pairs: unknown[] = [
    null,
    'approve',
    { ...payload, type: 'view_submission' },
    { ...payload, actions: [] },
    { ...payload, actions: [action, action] },
    { ...payload, actions: [{ ...action, action_id: 'plimsoll_keep' }] },
    { ...payload, user: { id: 'bob' } },
  ];
  expect(pairs.map((one) => readClick(one, team))).toEqual(pairs.map(() => null));
});

test('a member of another workspace in a shared channel is of that workspace', async () => {
  const { slack: at } = await waiting();
  const payload = at.payload({ user: 'U0BOB', button: 'Approve' });
  const shared = { ...payload, user: { id: 'U0BOB', team_id: 'T0GUEST' } };
  expect(readClick(shared, team)?.team).toBe('T0GUEST');
});
