import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { needsOf } from '../../../domain/gates/freeze.ts';
import type { Freeze } from '../../../domain/gates/freeze.ts';
import { freezeAtLast, leftOf } from '../../../domain/gates/freeze-at-last.ts';
import { cloudflareTarget } from '../../support/fake-cloudflare.ts';
import { northflankPlan } from '../../support/fake-northflank.ts';
import { vercelTarget } from '../../support/fake-vercel.ts';
import { planFor } from '../../support/plan.ts';

const minute = 60_000;
const now = Date.parse('2026-11-27T12:00:00Z');
const at = (minutes: number) => now + minutes * minute;
const wall = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const weekend = (from: number, to = 600, change: Partial<Freeze> = {}): Freeze => ({
  ...{ name: 'the weekend', from: wall(at(from)), to: wall(at(to)), timeZone: 'UTC' },
  ...change,
});
const seen = (from: number) => [{ name: 'the weekend', from: at(from), to: at(600) }];

const { target } = planFor();
const inPlace = { ...target, checkout: 'in-place' as const, prepare: 'npm ci' };
const [host] = target.hosts;
const northflankTarget = northflankPlan().target;
const gradual = { ...cloudflareTarget, rollout: 'gradual' } as const;
const three = { ...target, hosts: host ? [host, host, host] : [] };

describe('what is left once it is built', () => {
  test.each<[string, Plan['target'], number]>([
    ['one host: it starts and is watched', target, 31],
    ['three hosts, one after the other', three, 33],
    ['in place the preparation is still to come', inPlace, 41],
    ['two moves at Vercel', vercelTarget, 2 * 5 + 1 + 30],
    ['a rollout at Northflank', northflankTarget, 15 + 30],
    ['a worker at once: all of it', cloudflareTarget, 25 + 1 + 30],
    ['a worker by steps: shares, and its triggers', gradual, 4 + 5 + 25 + 1 + 30],
  ])('%s', (_, on, minutes) => {
    const { timing } = planFor();
    expect(leftOf({ target: on, timing }) / minute).toBe(minutes);
    expect(leftOf({ target: on, timing })).toBeLessThanOrEqual(needsOf({ target: on, timing }));
  });
});

const closed = (why: string) =>
  expect.stringContaining(`freeze: the freeze window "the weekend" ${why}`);
const hotfix = { priority: 'P0', reason: 'nobody can pay' } as const;

test.each<[string, Partial<Plan>, Freeze[], boolean, unknown]>([
  ['no window', {}, [], true, null],
  ['one that begins after its verdict', {}, [weekend(32)], true, null],
  ['one that begins before it', {}, [weekend(30)], true, closed('begins at 2026-11-27 12:30 UTC')],
  ['one that has begun', {}, [weekend(-10)], true, closed('lasts until 2026-11-27 22:00 UTC')],
  ['one that is over', {}, [weekend(-60, -1)], true, null],
  ['one that ends this minute', {}, [weekend(-60, 0)], true, null],
  ['of another environment', {}, [weekend(-10, 600, { environments: ['eu'] })], true, null],
  ['a staging that names no window', { environment: 'staging' }, [weekend(-10)], true, null],
  ['a build still to come', { target: vercelTarget }, [weekend(41)], false, closed('begins at')],
  ['a build that is done', { target: vercelTarget }, [weekend(41)], true, null],
  ['its moves still to come', { target: vercelTarget }, [weekend(40)], true, closed('begins at')],
  [
    'a hotfix that its approvers read of',
    { ...hotfix, freezeWindows: seen(-10) },
    [weekend(-10)],
    true,
    null,
  ],
  [
    'a hotfix without a reason of its own',
    { priority: 'P0', reason: 'routine deploy', freezeWindows: seen(-10) },
    [weekend(-10)],
    true,
    closed('lasts until'),
  ],
  [
    'a hotfix whose approvers knew of none',
    hotfix,
    [weekend(-10)],
    true,
    'freeze: "the weekend" is newer than this plan, so the approvers of this plan did not ' +
      'see the freeze window. Ask the approvers again: plimsoll deploy gateway production ' +
      '--ref main --priority P0 --reason "why it cannot wait"',
  ],
  [
    'a hotfix whose approvers read of another one of that name',
    { ...hotfix, freezeWindows: seen(-700) },
    [weekend(-10)],
    true,
    expect.stringContaining('freeze: "the weekend" is newer than this plan'),
  ],
])('%s', (_, plan, windows, built, answer) => {
  expect(freezeAtLast(planFor(plan), windows, { now, built })).toEqual(answer);
});
