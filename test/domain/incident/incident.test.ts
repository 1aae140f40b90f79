import { describe, expect, test } from 'vitest';
import type { Cause, Outcome, Plan, Release } from '../../../domain/deploy/plan.ts';
import {
  blamesRelease,
  consequences,
  quarantineBody,
  reopensIssues,
  type RevertFacts,
  severity,
  shouldRevert,
} from '../../../domain/incident/incident.ts';

const cause = (kind: Cause['kind'], blames: Cause['blames'] = 'release'): Cause => ({
  kind,
  blames,
  detail: 'it broke',
});
const before: Release = { id: 'a-1', sha: 'a'.repeat(40) };
const shipped: Release = { id: 'b-1', sha: 'b'.repeat(40) };

test.each<[Cause['kind'], Cause['blames'], boolean]>([
  ['start-up', 'release', true],
  ['smoke', 'release', true],
  ['watch', 'release', true],
  ['inconclusive', 'release', true],
  ['inconclusive', 'platform', false],
  ['start-up', 'platform', false],
  ['platform', 'platform', false],
  ['platform', 'release', false],
  ['abort', 'person', false],
  ['abort', 'release', false],
  ['cancel', 'person', false],
  ['rollback', 'person', false],
])('%s, blaming the %s, blames the release: %s', (kind, blames, expected) => {
  expect(blamesRelease(cause(kind, blames))).toBe(expected);
});

test.each<[string, Cause, Outcome, ReturnType<typeof severity>]>([
  ['a failed restore', cause('abort', 'person'), 'rollback-failed', 'SEV1'],
  ['a rollback that did not help', cause('watch'), 'rolled-back-still-failing', 'SEV1'],
  ['a bad release that users met', cause('watch'), 'rolled-back', 'SEV2'],
  ['one that smoke caught', cause('smoke'), 'rolled-back', 'SEV3'],
  ['one that never started', cause('start-up'), 'rolled-back', 'SEV3'],
  ['a lost host', cause('platform', 'platform'), 'rolled-back', 'SEV3'],
  ['an unanswered question, restored', cause('inconclusive', 'platform'), 'rolled-back', 'SEV3'],
  ['an unanswered question, kept', cause('inconclusive', 'platform'), 'unproven', 'SEV3'],
  ['a person went back', cause('rollback', 'person'), 'rolled-back', 'SEV4'],
  ['an abort before any effect', cause('abort', 'person'), 'aborted', null],
  ['a closed gate', cause('platform', 'platform'), 'gate-closed', null],
])('severity of %s', (_, why, outcome, expected) => {
  expect(severity(why, outcome)).toBe(expected);
});

const facts: RevertFacts = {
  cause: cause('watch'),
  ownsBranch: true,
  rolledBackTo: before,
  shipped,
  revert: 'push',
};
test.each<[string, Partial<RevertFacts>, ReturnType<typeof shouldRevert>]>([
  ['a bad release', {}, { revert: true, quarantine: true, why: 'the release is to blame (watch)' }],
  [
    'an abort',
    { cause: cause('abort', 'person') },
    {
      revert: false,
      quarantine: false,
      why: 'not reverted: the release is not to blame (abort: it broke)',
    },
  ],
  [
    'an environment that does not own the branch',
    { ownsBranch: false },
    {
      revert: false,
      quarantine: false,
      why: 'not reverted: another environment decides about the branch',
    },
  ],
  [
    'a first deploy',
    { rolledBackTo: null },
    { revert: false, quarantine: true, why: 'not reverted: there is no rollback target' },
  ],
  [
    'a redeploy of the same commit',
    { rolledBackTo: { id: 'b-0', sha: shipped.sha } },
    {
      revert: false,
      quarantine: true,
      why: 'not reverted: the rollback target has the same commit',
    },
  ],
  [
    'revert: off',
    { revert: 'off' },
    {
      revert: false,
      quarantine: true,
      why: 'not reverted: revert is off in plimsoll.yaml; a person must revert',
    },
  ],
])('main after %s', (_, more, expected) => {
  expect(shouldRevert({ ...facts, ...more })).toEqual(expected);
});

const plan = { ownsBranch: true, release: shipped, revert: 'push' } as Plan;
test('after a proven restore the branch follows', () => {
  const input = {
    plan,
    rolledBackTo: before,
    cause: cause('watch'),
    outcome: 'rolled-back' as const,
  };
  expect(consequences(input)).toEqual({
    severity: 'SEV2',
    revert: true,
    quarantine: true,
    why: 'the release is to blame (watch)',
  });
});

test('after a failed restore the branch stays: a person decides', () => {
  const input = {
    plan,
    rolledBackTo: before,
    cause: cause('watch'),
    outcome: 'rollback-failed' as const,
  };
  expect(consequences(input)).toEqual({
    severity: 'SEV1',
    revert: false,
    quarantine: true,
    why: 'not reverted: the rollback failed, so a person must decide',
  });
});

describe('what follows for issues and for the release itself', () => {
  const rolled = {
    plan,
    rolledBackTo: before,
    cause: cause('watch'),
    outcome: 'rolled-back' as const,
  };

  test.each([
    ['a bad release', {}, true],
    [
      'a bad release whose branch is left alone',
      { plan: { ...plan, revert: 'off' as const } },
      true,
    ],
    ['another environment', { plan: { ...plan, ownsBranch: false } }, false],
    ['an abort', { cause: cause('abort', 'person') }, false],
    ['a first deploy', { rolledBackTo: null }, false],
    ['the same commit', { rolledBackTo: { id: 'x', sha: shipped.sha } }, false],
    ['a failed restore', { outcome: 'rollback-failed' as const }, false],
  ])('issues are reopened after %s: %j', (_, more, expected) => {
    const { plan: of, ...input } = { ...rolled, ...more };
    expect(reopensIssues({ ...input, plan: { ...of, sha: shipped.sha } })).toBe(expected);
  });

  test('the quarantine is of the commit, or of the release id where the commit was restored', () => {
    const of = { ...plan, sha: shipped.sha };
    expect(quarantineBody(of, before, 'why')).toEqual({
      ...{ sha: shipped.sha, release: shipped, why: 'why' },
    });
    expect(quarantineBody(of, { id: 'x', sha: shipped.sha }, 'why')).toEqual({
      ...{ release: shipped, why: 'why' },
    });
    expect(quarantineBody(of, null, 'why')).toEqual({
      ...{ sha: shipped.sha, release: shipped, why: 'why', first: true },
    });
  });
});
