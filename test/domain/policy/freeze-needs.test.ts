import { describe, expect, test } from 'vitest';
import type { Target, TargetOf } from '../../../domain/plan.ts';
import { needsOf } from '../../../domain/policy/freeze.ts';
import { timing } from '../../../domain/policy/timing.ts';
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

  test.each(['vercel', 'northflank', 'cloudflare'] as const)('a build at %s', (platform) => {
    const target = { platform } as Target;
    expect(needsOf({ target, timing: timing() })).toBe(45 * minute);
    expect(needsOf({ target, timing: timing(60) })).toBe(45_000);
  });
});
