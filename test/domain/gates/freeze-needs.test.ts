import { describe, expect, test } from 'vitest';
import type { Target, TargetOf } from '../../../domain/deploy/plan.ts';
import { judgeFreeze, needsOf } from '../../../domain/gates/freeze.ts';
import { timing } from '../../../domain/deploy/timing.ts';
import { planFor } from '../../support/plan.ts';

const minute = 60_000;

describe('what a deploy may need to its verdict', () => {
  const { target } = planFor();
  const vps = target as TargetOf<'vps'>;
  const two = [vps.hosts[0]!, vps.hosts[0]!];
  const needs = (change: Partial<TargetOf<'vps'>>) =>
    needsOf({ target: { ...vps, prepareMs: 10 * minute, ...change }, timing: timing() }) / minute;

  test.each([
    ['a start and the watch', {}, 31],
    ['two starts, one after the other', { hosts: two }, 32],
    ['the preparation, on all hosts at once', { hosts: two, prepare: 'npm ci' }, 42],
    [
      'in place, on one host after the other',
      { hosts: two, prepare: 'npm ci', checkout: 'in-place' },
      52,
    ],
    ['the build of an image', { run: 'compose' }, 41],
    ['a preparation and the build of an image', { run: 'compose', prepare: 'npm ci' }, 51],
  ] as const)('%s', (_, change, minutes) => {
    expect(needs(change as Partial<TargetOf<'vps'>>)).toBe(minutes);
  });

  test.each([
    ['an hour of build and two moves at Vercel', { platform: 'vercel' }, 5 + 60 + 10 + 1],
    ['an hour of build and a rollout at Northflank', { platform: 'northflank' }, 2 + 60 + 15],
    ['a worker at once', { platform: 'cloudflare', rollout: 'all-at-once' }, 25 + 1],
    ['a worker by steps', { platform: 'cloudflare', rollout: 'gradual' }, 2 * 25 + 4 + 5 + 2],
  ] as const)('%s, and the watch', (_, target, minutes) => {
    expect(needsOf({ target: target as Target, timing: timing() }) / minute).toBe(minutes + 30);
  });

  test('in a sandbox what is waited for there', () => {
    const target = { platform: 'northflank' } as Target;
    expect(needsOf({ target, timing: timing(60) })).toBe(62_000 + minute + 30_000);
  });

  test('and a deploy that could wait into the window does not begin', () => {
    const needsMs = needsOf({ target: { platform: 'vercel' } as Target, timing: timing() });
    const from = 106 * minute;
    const windows = [{ name: 'the weekend', from, to: from + 60 * minute }];
    const judge = (now: number) =>
      judgeFreeze({ windows, now, needsMs, hotfix: false, reason: 'a better shop' });
    expect(judge(0)).toEqual({ open: true, reasons: ['no freeze window until the watch ends'] });
    expect(judge(1)).toEqual({
      open: false,
      reasons: [
        'the freeze window "the weekend" begins at 1970-01-01 01:46 UTC, and a deploy that ' +
          'starts now may need 106 min until its verdict. Deploy again after 1970-01-01 02:46 UTC. ' +
          'A hotfix needs --priority P0, a --reason and one more approver.',
      ],
    });
  });
});
