import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim, DeployStatus, Exits, Next, Phase } from '../../../domain/plan.ts';
import { exits } from '../../../domain/policy/exits.ts';
import { judgeSuccession } from '../../../domain/policy/supersede.ts';
import { firstLine } from '../../../domain/policy/saga.ts';
import { follow, left, states, statusOf } from '../../support/exits-model.ts';
import { broken, edges } from '../../support/exits-rules.ts';
import type { rules } from '../../support/exits-rules.ts';
import { planFor } from '../../support/plan.ts';

const all = [...states()];

test('every state of every saga has an owner, a next action and a time-out', () => {
  expect(broken(exits, all).slice(0, 10)).toEqual([]);
  const phases = new Set(all.map(({ status }) => status.phase));
  expect(phases.size).toBe(11);
  expect(all.length).toBeGreaterThanOrEqual(7_000);
});

/** A model that is wrong in one place. */
const but =
  (phase: Phase, wrong: (right: Exits) => Partial<Exits>) =>
  (status: DeployStatus): Exits => {
    const right = exits(status);
    return status.phase === phase && !status.stuck && right.owner !== 'plimsoll'
      ? { ...right, ...wrong(right) }
      : right;
  };
const moves = (to: Next[]) => (right: Exits) => ({
  actions: right.actions.map((exit) => ({ ...exit, to })),
});

test.each<[keyof typeof rules, (status: DeployStatus) => Exits]>([
  ['an open state has an owner', but('ask', () => ({ owner: null }))],
  ['a waiting state has a legal next action', but('approval', () => ({ actions: [] }))],
  [
    'an action that is named has somebody who may do it',
    but('ask', ({ actions }) => ({ actions: actions.map((exit) => ({ ...exit, by: [] })) })),
  ],
  ['a waiting state has a time-out, which leads on', but('frozen', () => ({ timeout: null }))],
  [
    'a state that goes on by itself has a bound, and somewhere to go',
    (status) => ({ ...exits(status), ...(status.phase === 'watch' ? { timeout: null } : {}) }),
  ],
  [
    'backward needs nobody, but across a schema a signature',
    but('ask', ({ actions }) => ({ actions: actions.filter(({ by }) => by !== 'anybody') })),
  ],
  ['backward needs nobody, but across a schema a signature', but('frozen', moves(['restore']))],
  [
    'forward is never free',
    but('approval', ({ actions }) => ({
      actions: actions.map((exit) => ({ ...exit, by: 'anybody' })),
    })),
  ],
  ['every way leads nearer to the end', but('ask', moves(['watch']))],
  [
    'a night without answers ends',
    but('ask', () => ({ timeout: { at: '2026-01-01T02:00:00.000Z', to: ['watch'] } })),
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
          const ways = edges(exits(at)).filter(({ way }) => way !== 'again' || retries < 20);
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
  const restoring = planFor({ watch: { ...plan.watch, onAsk: 'restore' } });
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
      'ask',
      statusOf('ask', plan),
      'bob',
      'keep rollback abort flag reject',
      '2026-01-01T02:00:00.000Z settle',
    ],
    [
      'ask, restored by silence',
      statusOf('ask', restoring),
      'bob',
      'keep rollback abort flag reject',
      '2026-01-01T02:00:00.000Z restore',
    ],
    [
      'ask, flagged',
      { ...statusOf('ask', plan), flags },
      'bob',
      'keep rollback abort flag reject',
      '2026-01-01T00:20:00.000Z restore',
    ],
    [
      'ask, flagged, across a schema',
      { ...statusOf('ask', crossing), flags },
      'bob',
      'keep reject rollback abort flag',
      '2026-01-01T00:20:00.000Z frozen',
    ],
    [
      'frozen',
      statusOf('frozen', crossing),
      'bob',
      'keep reject abort',
      '2026-01-02T00:00:00.000Z closed: frozen',
    ],
    [
      'release, stuck',
      { ...statusOf('release', plan), stuck },
      'whoever is called',
      'retry rollback abort flag',
      '2026-01-01T02:05:00.000Z restore closed: aborted',
    ],
    [
      'watch, stuck, across a schema',
      { ...statusOf('watch', crossing), stuck },
      'whoever is called',
      'retry rollback abort flag',
      '2026-01-01T02:05:00.000Z frozen',
    ],
    [
      'ask, beside a proof that is stuck',
      { ...statusOf('ask', plan), stuck },
      'whoever is called',
      'retry keep rollback abort flag reject',
      '2026-01-01T02:05:00.000Z restore',
    ],
    [
      'restore, stuck',
      { ...statusOf('restore', plan), stuck },
      'whoever is called',
      'retry abort',
      '2026-01-02T00:05:00.000Z closed: restore-failed',
    ],
    [
      'settle, stuck',
      { ...statusOf('settle', plan), stuck },
      'whoever is called',
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
    ['restore', statusOf('restore', plan), 'plimsoll', '', '1440 min stuck'],
    ['closed', statusOf('closed', plan), 'nobody', '', 'never'],
  ])('%s', (_, status, owner, verbs, until) => {
    const ways = exits(status);
    expect([ways.owner ?? 'nobody'].flat().join(' ')).toBe(owner);
    expect(ways.actions.map(({ verb }) => verb).join(' ')).toBe(verbs);
    expect(untilOf(ways)).toBe(until);
  });
});

const untilOf = ({ timeout }: Exits) => {
  if (!timeout) return 'never';
  const when = 'at' in timeout ? timeout.at : `${timeout.eachMs / 60_000} min`;
  return [when, ...timeout.to].join(' ');
};

test('a newer request is named where the slot is given up, and nowhere else', () => {
  const wrong = all.filter(({ status }) => {
    const named = exits(status).actions.some(({ verb }) => verb === 'deploy');
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
    const { actions, owner } = exits(status);
    const told = [...firstLine(status).doThis.matchAll(/plimsoll (\w+)/g)].map(([, verb]) => verb);
    const legal = actions.map(({ verb }) => verb as string);
    const isTold = owner === 'plimsoll' || told.length > 0;
    return !isTold || told.some((verb) => !legal.includes(verb ?? ''));
  });
  expect(wrong).toEqual([]);
});
