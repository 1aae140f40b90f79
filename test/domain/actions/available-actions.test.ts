import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  Claim,
  DeployStatus,
  AvailableActions,
  Next,
  Phase,
} from '../../../domain/deploy/plan.ts';
import { availableActions } from '../../../domain/actions/available-actions.ts';
import { judgeSuccession } from '../../../domain/queue/supersede.ts';
import { firstLine } from '../../../domain/messages/status.ts';
import { follow, left, states, statusOf } from '../../support/actions-model.ts';
import { broken, edges } from '../../support/actions-rules.ts';
import type { rules } from '../../support/actions-rules.ts';
import { planFor } from '../../support/plan.ts';

const all = [...states()];

test('every state of every saga has an owner, a next action and a time-out', () => {
  expect(broken(availableActions, all).slice(0, 10)).toEqual([]);
  const phases = new Set(all.map(({ status }) => status.phase));
  expect(phases.size).toBe(11);
  expect(all.length).toBeGreaterThanOrEqual(7_000);
});

/** Returns a copy of `availableActions` that returns wrong values in one phase only. */
const but =
  (phase: Phase, wrong: (right: AvailableActions) => Partial<AvailableActions>) =>
  (status: DeployStatus): AvailableActions => {
    const right = availableActions(status);
    return status.phase === phase && !status.stuck && right.owner !== 'plimsoll'
      ? { ...right, ...wrong(right) }
      : right;
  };
const moves = (to: Next[]) => (right: AvailableActions) => ({
  actions: right.actions.map((action) => ({ ...action, to })),
});

test.each<[keyof typeof rules, (status: DeployStatus) => AvailableActions]>([
  ['an open state has an owner', but('decision', () => ({ owner: null }))],
  ['a waiting state has a legal next action', but('approval', () => ({ actions: [] }))],
  [
    'an action that is named has somebody who may do it',
    but('decision', ({ actions }) => ({
      actions: actions.map((action) => ({ ...action, by: [] })),
    })),
  ],
  [
    'a waiting state has a time-out, which leads on',
    but('awaiting-rollback-approval', () => ({ timeout: null })),
  ],
  [
    'a state that goes on by itself has a bound, and somewhere to go',
    (status) => ({
      ...availableActions(status),
      ...(status.phase === 'watch' ? { timeout: null } : {}),
    }),
  ],
  [
    'backward needs nobody, but across a schema a signature',
    but('decision', ({ actions }) => ({ actions: actions.filter(({ by }) => by !== 'anybody') })),
  ],
  [
    'backward needs nobody, but across a schema a signature',
    but('awaiting-rollback-approval', moves(['rollback'])),
  ],
  [
    'forward is never free',
    but('approval', ({ actions }) => ({
      actions: actions.map((action) => ({ ...action, by: 'anybody' })),
    })),
  ],
  ['every way leads nearer to the end', but('decision', moves(['watch']))],
  [
    'a night without answers ends',
    but('decision', () => ({ timeout: { at: '2026-01-01T02:00:00.000Z', to: ['watch'] } })),
  ],
])('a model that breaks "%s" is refused', (rule, wrong) => {
  const found = broken(wrong, all);
  expect(found.some((one) => one.startsWith(`${rule}: `))).toBe(true);
});

test('people and time in any order: every saga ends, however it goes', () => {
  const planned = all.filter(({ status }) => status.phase === 'planning' && status.sealed);
  fc.assert(
    fc.property(
      fc.constantFrom(...planned),
      fc.array(fc.nat(), { minLength: 200, maxLength: 200 }),
      ({ status }, choices) => {
        let at = status;
        let retries = 0;
        for (const choice of choices) {
          const ways = edges(availableActions(at)).filter(
            ({ way }) => way !== 'again' || retries < 20,
          );
          if (ways.length === 0) break;
          const { next, verb } = ways[choice % ways.length] as (typeof ways)[number];
          if (verb === 'retry') retries += 1;
          at = follow(at, next, verb);
        }
        expect(at).toMatchObject({ phase: 'closed', stuck: null });
        expect(left(at)).toBeLessThan(left(status));
      },
    ),
    { numRuns: 2_000 },
  );
});

describe('what is legal where, all of it', () => {
  const plan = planFor();
  const crossing = planFor({ forwardOnly: 'db/1.sql' });
  const stuck = { step: 'switch', cause: 'no route', since: '2026-01-01T00:05:00.000Z' };
  const two = planFor({ rule: { ...plan.rule, required: 2, eligible: ['bob', 'cleo'] } });
  const rollingBack = planFor({ watch: { ...plan.watch, onInconclusive: 'rollback' } });
  const flags = [{ text: 'nobody can pay', who: 'dan', at: '2026-01-01T00:05:00.000Z' }];

  test.each<[string, DeployStatus, string, string, string]>([
    [
      'approval',
      statusOf('approval', plan),
      'bob',
      'approve reject abort rollback deploy',
      '2026-01-01T02:00:00.000Z closed: expired',
    ],
    [
      'approval by two',
      statusOf('approval', two),
      'bob cleo',
      'approve reject abort rollback deploy',
      '2026-01-01T02:00:00.000Z closed: expired',
    ],
    [
      'decision',
      statusOf('decision', plan),
      'bob',
      'keep rollback abort flag reject',
      '2026-01-01T02:00:00.000Z settle',
    ],
    [
      'decision, rolled back by silence',
      statusOf('decision', rollingBack),
      'bob',
      'keep rollback abort flag reject',
      '2026-01-01T02:00:00.000Z rollback',
    ],
    [
      'decision, flagged',
      { ...statusOf('decision', plan), flags },
      'bob',
      'keep rollback abort flag reject',
      '2026-01-01T00:20:00.000Z rollback',
    ],
    [
      'decision, flagged, across a schema',
      { ...statusOf('decision', crossing), flags },
      'bob',
      'keep reject rollback abort flag',
      '2026-01-01T00:20:00.000Z awaiting-rollback-approval',
    ],
    [
      'awaiting-rollback-approval',
      statusOf('awaiting-rollback-approval', crossing),
      'bob',
      'keep reject abort',
      '2026-01-02T00:00:00.000Z closed: rollback-not-approved',
    ],
    [
      'release, stuck',
      { ...statusOf('release', plan), stuck },
      'the paged person',
      'retry rollback abort flag',
      '2026-01-01T02:05:00.000Z rollback closed: aborted',
    ],
    [
      'watch, stuck, across a schema',
      { ...statusOf('watch', crossing), stuck },
      'the paged person',
      'retry rollback abort flag',
      '2026-01-01T02:05:00.000Z awaiting-rollback-approval',
    ],
    [
      'ask, beside a proof that is stuck',
      { ...statusOf('decision', plan), stuck },
      'the paged person',
      'retry keep rollback abort flag reject',
      '2026-01-01T02:05:00.000Z rollback',
    ],
    [
      'rollback, stuck',
      { ...statusOf('rollback', plan), stuck },
      'the paged person',
      'retry abort',
      '2026-01-02T00:05:00.000Z closed: rollback-failed',
    ],
    [
      'settle, stuck',
      { ...statusOf('settle', plan), stuck },
      'the paged person',
      'retry abort',
      '2026-01-02T00:05:00.000Z closed: succeeded closed: unproven',
    ],
    ['watch', statusOf('watch', plan), 'plimsoll', 'rollback abort flag', '120 min stuck'],
    [
      'preflight',
      statusOf('preflight', plan),
      'plimsoll',
      'abort rollback deploy',
      '20 min closed: gate-closed',
    ],
    ['rollback', statusOf('rollback', plan), 'plimsoll', '', '1440 min stuck'],
    ['closed', statusOf('closed', plan), 'nobody', '', 'never'],
  ])('%s', (_, status, owner, verbs, until) => {
    const ways = availableActions(status);
    expect([ways.owner ?? 'nobody'].flat().join(' ')).toBe(owner);
    expect(ways.actions.map(({ verb }) => verb).join(' ')).toBe(verbs);
    expect(untilOf(ways)).toBe(until);
  });
});

const untilOf = ({ timeout }: AvailableActions) => {
  if (!timeout) return 'never';
  const when = 'at' in timeout ? timeout.at : `${timeout.eachMs / 60_000} min`;
  return [when, ...timeout.to].join(' ');
};

test('a newer request is named where the slot is given up, and nowhere else', () => {
  const wrong = all.filter(({ status }) => {
    const named = availableActions(status).actions.some(({ verb }) => verb === 'deploy');
    const { phase, sealed } = status;
    const { sha = '' } = sealed?.plan ?? {};
    const holder = { sha, priority: 'normal', phase, touched: false, approved: true } as const;
    const gives = judgeSuccession(holder, claim).verdict === 'replaces' && phase !== 'closed';
    return named !== gives;
  });
  expect(wrong).toEqual([]);
});

const claim: Claim = {
  ...{ deployId: 'd2', ref: 'main', sha: 'c'.repeat(40), requestedBy: 'fay', reason: 'fire' },
  ...{ priority: 'P0', nonce: '0', supersede: false, relation: 'apart' },
};

test('every screen names an order that is legal, and no other', () => {
  const open = all.filter(({ status }) => status.phase !== 'closed' || status.stuck);
  const wrong = open.filter(({ status }) => {
    const { actions, owner } = availableActions(status);
    const told = [...firstLine(status).doThis.matchAll(/plimsoll (\w+)/g)].map(([, verb]) => verb);
    const legal = actions.map(({ verb }) => verb as string);
    const isTold = owner === 'plimsoll' || told.length > 0;
    return !isTold || told.some((verb) => !legal.includes(verb ?? ''));
  });
  expect(wrong).toEqual([]);
});
