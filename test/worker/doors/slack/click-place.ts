import { onTestFinished } from 'vitest';
import { createApproval } from '../../../../activities/approval/approval.ts';
import { signClick } from '../../../../activities/approval/bridge-key.ts';
import { openLedger } from '../../../../activities/ledger/ledger.ts';
import type { NewEntry } from '../../../../activities/ledger/types.ts';
import type { Ruling, SealedPlan } from '../../../../domain/deploy/plan.ts';
import type { Asked } from '../../../../domain/approval/slack-click.ts';
import { Config } from '../../../../domain/config/config.ts';
import type { ClickInput, Forged } from '../../../../sandbox/slack/clicks.ts';
import type { Slack } from '../../../../sandbox/slack/slack.ts';
import { createBridge } from '../../../../worker/doors/slack/bridge.ts';
import type { BridgeDeps, Heard } from '../../../../worker/doors/slack/bridge.ts';
import { membersOf } from '../../../../worker/doors/slack/doors.ts';
import { openHttp } from '../../../../worker/doors/slack/http-door.ts';
import { readClick } from '../../../../worker/doors/slack/read-click.ts';
import { secondsAgo, stage } from '../../../support/click-attack.ts';
import type { ClickAttack } from '../../../support/click-attack.ts';
import { makeKey } from '../../../support/keys.ts';
import type { unguarded } from '../../../support/unguarded.ts';
import { askedSlack, clickable } from './door-fixture.ts';

export const team = 'T0SANDBOX';
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
  approvers: {
    robin: person('U0ROBIN'),
    carol: person('U0CAROL'),
    morgan: person('U0MORGAN'),
    casey: person('U0CASEY'),
  },
  requesters: { ci: person('U0CI') },
  projects: {},
});

/** The functions of the product that handle a click. */
export const ours = { createBridge, createApproval, openHttp, readClick };
export type Parts = typeof ours;

/** Returns the same functions, loaded from source code in which guards are removed. */
export async function partsOf({
  load,
}: Pick<ReturnType<typeof unguarded>, 'load'>): Promise<Parts> {
  const all = await Promise.all([
    load<Pick<Parts, 'createBridge'>>('worker/doors/slack/bridge.ts'),
    load<Pick<Parts, 'createApproval'>>('activities/approval/approval.ts'),
    load<Pick<Parts, 'openHttp'>>('worker/doors/slack/http-door.ts'),
    load<Pick<Parts, 'readClick'>>('worker/doors/slack/read-click.ts'),
  ]);
  const [{ createBridge: bridge }, approval, http, read] = all;
  return { createBridge: bridge, ...approval, ...http, ...read };
}

/** Opens a place with a fake deploy that waits for approval. Closes the place after the test. */
export async function waiting({ sealed = clickable(), asked = {} }: Partial<PlaceOptions> = {}) {
  const { slack } = await askedSlack(sealed);
  const place = await clickPlace({ slack, sealed, asked });
  onTestFinished(async () => {
    await place.close();
    await slack.close();
  });
  return place;
}

type PlaceOptions = {
  slack: Slack;
  /** The plan of the deploy that waits for approval. */
  sealed: SealedPlan;
  asked?: Partial<Asked>;
  parts?: Parts;
};
export type ClickPlace = Awaited<ReturnType<typeof clickPlace>>;

/**
 * Makes a place: a bridge, a ledger and a fake deploy. The real activity decides whether each click
 * that the bridge signs counts.
 */
export async function clickPlace({ slack, sealed, asked, parts = ours }: PlaceOptions) {
  const ledger = await openLedger({ path: ':memory:' });
  await ledger.append(entryOf(sealed, 'started'));
  const [told, warned]: [string[], string[]] = [[], []];
  const now = {
    ...{ runId: 'run-1', running: true, phase: 'approval', sealed, genuine: true, failing: false },
    ...asked,
  };
  const { rulings, decide } = judgeAt(parts, ledger, { now, sealed });
  const deps: BridgeDeps = {
    members: membersOf(config, team),
    deploys: {
      asked: async () => now,
      decide: async (_, __, signed) => await decide(signed),
      ruling: async (_, __, nonce) => rulings.find((one) => one.nonce === nonce) ?? null,
    },
    ledger,
    sign: (decision) => signClick({ key: key.path }, decision),
    answer: async ({ user }, text) => void told.push(`${user}: ${text}`),
    warn: (line) => void warned.push(line),
    timeLimitMs: 0,
  };
  const bridge = parts.createBridge(deps);
  const hear = async (payload: unknown, through = bridge): Promise<Heard> => {
    const click = parts.readClick(payload, team);
    if (!click) throw new Error('the payload is not a click on a button of Plimsoll');
    return await (
      await through.hear(click)
    ).end;
  };
  const press = (input: Partial<ClickInput> = {}, through = bridge) =>
    hear(
      slack.payload({ user: 'U0ROBIN', button: 'Approve', message: robins(slack), ...input }),
      through,
    );
  /** Returns the rulings in the ledger, newest first. */
  const recorded = async () =>
    (await ledger.read({ kinds: ['ruling'], limit: 10 })).map(({ deployId, body }) => ({
      deployId,
      ...(body['ruling'] as Ruling),
    }));
  const close = () => ledger.close();
  const base = { slack, sealed, parts, deps, hear, press, recorded, close };
  return { ...base, ledger, rulings, told, warned };
}

/** Returns the ledger entry for the start or the end of a deploy. */
export const entryOf = (
  { plan: { deployId, project, environment } }: SealedPlan,
  kind: 'started' | 'closed',
): NewEntry => ({ kind, key: `${deployId}/${kind}`, deployId, project, environment, body: {} });

type Signed = Parameters<BridgeDeps['deploys']['decide']>[2];
type Now = { now: Asked; sealed: SealedPlan };

/**
 * Returns a fake deploy. A decision for a closed deploy throws. The deploy judges a decision by its
 * real plan, even if the memo contains a different plan.
 */
function judgeAt(parts: Parts, ledger: BridgeDeps['ledger'], { now, sealed }: Now) {
  const rulings: Ruling[] = [];
  const { ruleOnDecision } = parts.createApproval({ config: () => config, ledger });
  const own = (now.genuine && now.sealed) || sealed;
  const asks = now.phase === 'approval' ? {} : ({ subject: 'nothing' } as const);
  const decide = async (signed: Signed) => {
    if (!now.running) throw new Error('workflow execution already completed');
    rulings.push(await ruleOnDecision({ sealed: own, signed, earlier: [...rulings], ...asks }));
  };
  return { rulings, decide };
}

/** Returns the message to robin. In the tests, any person can click the button of this message. */
const robins = (slack: Slack) => {
  const message = slack.messages().find(({ name }) => name === '@U0ROBIN');
  return { channel: message?.channel ?? '', ts: message?.ts ?? '' };
};

/**
 * Tries an attack at `place`. If the attack needs an earlier click, one worker gets the earlier
 * click and another worker gets the attack.
 */
export async function attempt(attack: ClickAttack, place: ClickPlace): Promise<Heard> {
  const { parts, deps, sealed } = place;
  const { click } = stage(attack, sealed);
  const actionTs = secondsAgo(60);
  if (attack.request) return await request(attack.request(), place);
  if (!attack.before) return await place.press(click);
  const first = await place.press({ actionTs });
  if (first.did !== 'counted')
    throw new Error(`the honest click must count, but it was ${first.did}: ${first.text}`);
  const again = attack.before === 'this' ? { actionTs } : {};
  return await place.press({ ...click, ...again }, parts.createBridge(deps));
}

/**
 * Sends a forged request to a new HTTP door. The door passes each accepted request to the bridge.
 */
async function request(forged: Forged, { parts, slack, hear }: ClickPlace): Promise<Heard> {
  const heard: Heard[] = [];
  const settings = { listen: '127.0.0.1:0', signingSecret: 'signing', warn: () => {} };
  const door = await parts.openHttp({
    ...settings,
    hear: async (payload) => void heard.push(await hear(payload)),
  });
  const payload = slack.payload({ user: 'U0ROBIN', button: 'Approve' });
  const { text } = await slack.post(`http://127.0.0.1:${door.port}/slack`, payload, forged);
  await door.close();
  return heard[0] ?? { did: 'refused', text };
}
