import { claims, reseal, ruleOf, secondsAgo } from './click-attack.ts';
import type { ClickAttack } from './click-attack.ts';
import { bridge, door, judge } from './click-layers.ts';

const byKey = 'Sign the plan by key instead: plimsoll approve WHERE';
const look = 'See the current deploy: plimsoll status WHERE';
const minutes = 60_000;

/**
 * The forged clicks. Only the checks in `guard` refuse a click, and each refusal has its own text.
 */
export const clickAttacks: ClickAttack[] = [
  {
    name: 'from another workspace',
    click: () => ({ team: 'T0OTHER' }),
    refusedBy: 'bridge',
    why: 'It came from the Slack workspace T0OTHER, not from T0SANDBOX.',
    next: byKey,
    guard: [bridge.workspace, judge.workspace],
  },
  {
    name: 'of somebody unknown',
    click: () => ({ user: 'U0MALLORY' }),
    refusedBy: 'bridge',
    why: 'No approver has the member id U0MALLORY.',
    next: `Is this id yours? Add it to your name in the worker's plimsoll.yaml (slack: U0MALLORY). ${byKey}`,
    guard: [bridge.unknown, judge.member],
  },
  {
    name: 'of an agent',
    click: () => ({ user: 'U0CI' }),
    refusedBy: 'bridge',
    why: 'ci is an agent: it may request deploys, but never approve.',
    next: 'See who may approve: plimsoll status WHERE',
    guard: [bridge.agent, judge.member],
  },
  {
    name: 'of who requested it',
    click: () => ({ user: 'U0MORGAN' }),
    refusedBy: 'judge',
    why: 'morgan requested this deploy and cannot be its only approver; ask ELIGIBLE',
    guard: [judge.requester],
  },
  {
    name: 'of who wrote it',
    click: () => ({ user: 'U0CASEY' }),
    refusedBy: 'judge',
    why: 'casey wrote commits of this deploy and cannot be its only approver; ask ELIGIBLE',
    guard: [judge.author],
  },
  {
    name: 'that somebody kept',
    click: () => ({ actionTs: secondsAgo(360) }),
    refusedBy: 'bridge',
    why: 'It is 6 min old, but a click counts for only 5 min.',
    next: 'Click again.',
    guard: [bridge.old],
  },
  {
    name: 'that is still to come',
    click: () => ({ actionTs: secondsAgo(-360) }),
    refusedBy: 'bridge',
    why: "It is dated 6 min ahead of the worker's clock.",
    next: "Correct the clock of the worker's machine, or sign by key with: plimsoll approve WHERE",
    guard: [bridge.ahead],
  },
  {
    name: 'for another plan',
    click: (there) => claims(there, { digest: 'e'.repeat(64) }),
    refusedBy: 'bridge',
    why: 'It is for the plan with digest eeeeeeeeeeee, not for DIGEST.',
    next: 'Read the newest plan, then sign it: plimsoll approve WHERE',
    guard: [bridge.digest],
  },
  {
    name: 'for another deploy',
    click: (there) => claims(there, { deployId: 'd-ffffffffffff' }),
    refusedBy: 'bridge',
    why: 'It is for the deploy d-ffffffffffff; the current deploy is DEPLOY.',
    next: look,
    guard: [bridge.deploy],
  },
  {
    name: 'on a deploy that is being released',
    stands: () => ({ phase: 'release' }),
    refusedBy: 'bridge',
    why: 'WHERE no longer waits for a decision: the deploy is in release.',
    next: look,
    guard: [bridge.phase, judge.unasked],
  },
  {
    name: 'on a deploy that is closed',
    stands: () => ({ running: false }),
    refusedBy: 'bridge',
    why: 'WHERE no longer waits for a decision: the deploy is closed.',
    next: look,
    guard: [bridge.running],
    beyond: 'the Temporal server',
  },
  {
    name: 'on a plan that somebody changed',
    stands: (waits) => ({ sealed: { ...waits, plan: { ...waits.plan, rollbackSteps: [] } } }),
    refusedBy: 'bridge',
    why: 'The plan of WHERE does not match its digest DIGEST.',
    next: 'End the deploy, then deploy again: plimsoll abort WHERE',
    guard: [bridge.genuine],
  },
  {
    name: 'on a question that ran out',
    stands: (waits) => ({ sealed: reseal(waits, { notAfter: '2026-01-01T02:00:00.000Z' }) }),
    refusedBy: 'bridge',
    why: 'The plan expired at 2026-01-01T02:00:00.000Z.',
    next: 'Deploy again: plimsoll deploy WHERE',
    guard: [bridge.expired, judge.expired],
  },
  {
    name: 'on a release that cannot be rolled back',
    stands: (waits) => ({ sealed: reseal(waits, { noReturn: 'a table is dropped' }) }),
    refusedBy: 'judge',
    why:
      'a click at Slack cannot approve a release that cannot be rolled back: approve the plan ' +
      'by key',
    guard: [judge.noReturn],
  },
  {
    name: 'where clicks only reject',
    stands: (waits) => ({ sealed: reseal(waits, ruleOf(waits, 'never')) }),
    refusedBy: 'judge',
    why: 'the configuration allows clicks at Slack for rejections only: approve the plan by key',
    guard: [judge.never],
  },
  {
    name: 'where none was planned to count',
    stands: (waits) => ({ sealed: reseal(waits, ruleOf(waits)) }),
    refusedBy: 'judge',
    why: 'approvals by Slack were not configured when this deploy was planned',
    guard: [judge.unplanned],
  },
  {
    name: 'of who approved before',
    before: 'another',
    refusedBy: 'judge',
    why: 'robin has approved already',
    guard: [judge.twice],
  },
  {
    name: 'that another worker heard before',
    before: 'this',
    refusedBy: 'judge',
    why: 'it is a replay: the decision with nonce NONCE was already judged',
    guard: [judge.replayed, judge.again],
  },
  {
    name: 'with the secret of somebody else',
    request: () => ({ secret: 'of somebody else' }),
    refusedBy: 'http',
    why: "The signature was not made with this app's signing secret.",
    guard: [door.signature],
  },
  {
    name: 'in a request that somebody kept',
    request: () => ({ at: Date.now() - 6 * minutes }),
    refusedBy: 'http',
    why: 'The request is more than 5 min old.',
    guard: [door.old],
  },
  {
    name: 'in a request that is still to come',
    request: () => ({ at: Date.now() + 6 * minutes }),
    refusedBy: 'http',
    why: 'The time of the request is more than 5 min ahead of this clock.',
    guard: [door.ahead],
  },
  {
    name: 'in a request without a time',
    request: () => ({ at: NaN }),
    refusedBy: 'http',
    why: 'The request has no time.',
    guard: [door.stamp],
  },
];
