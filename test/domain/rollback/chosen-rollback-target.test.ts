import { describe, expect, test } from 'vitest';
import { chosenRollbackTarget } from '../../../domain/rollback/chosen-rollback-target.ts';
import { standingOf } from '../../../domain/rollback/rollback-target.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import { hostState, sha } from '../../support/plan.ts';

const [a, b, c] = [sha('a'), sha('b'), sha('c')];
const named = (served: string) => ({ id: `${served.slice(0, 12)}-00000000`, sha: served });
const on = (host: string, over: Partial<HostState> = {}): HostState => ({
  ...hostState(host, a),
  ready: [a, c],
  ...over,
});
const both = [on('one'), on('two')];
const choose = (wanted: string, live = both, lastProven: string | null = c) =>
  chosenRollbackTarget({ wanted, live, named, lastProven: lastProven ? named(lastProven) : null });

describe('a chosen way back', () => {
  test.each([
    ['live', a],
    ['last-proven', c],
    ['ccccccc', c],
    [c, c],
  ])('%s', (wanted, expected) => {
    expect(choose(wanted)).toEqual({
      rollbackTarget: named(expected),
      notes: [
        `the requester chose the rollback target: ${wanted}, which is ${expected.slice(0, 7)}`,
        'aaaaaaa is live, but no watch of Plimsoll has proven it',
      ],
    });
  });

  test('may be what is live and sick, and that is said', () => {
    const sick = [on('one', { healthy: false }), on('two')];
    expect(choose('live', sick)).toMatchObject({
      rollbackTarget: named(a),
      notes: [
        expect.any(String),
        'aaaaaaa was already unhealthy on one when this deploy was planned',
      ],
    });
  });

  test.each<[string, HostState[], string | null, string]>([
    [
      'last-proven',
      both,
      null,
      'no release was proven yet. Staged on every host: aaaaaaa, ccccccc',
    ],
    [
      'last-proven',
      [on('one'), on('two', { ready: [a] })],
      c,
      'ccccccc is not staged on two. Staged on every host: aaaaaaa',
    ],
    [
      'bbbbbbb',
      both,
      c,
      'bbbbbbb is not staged on any host. Staged on every host: aaaaaaa, ccccccc',
    ],
    [
      'ccccccc',
      [on('one'), on('two', { sha: b, ready: [b] })],
      c,
      'ccccccc is not staged on two. No release is staged on every host',
    ],
    [
      'live',
      [on('one'), on('two', { sha: b })],
      c,
      'the hosts serve different releases, so there is no single live release. Staged on every host: aaaaaaa, ccccccc',
    ],
    [
      'live',
      [on('one', { sha: null, ready: [] })],
      c,
      'nothing is live. No release is staged on every host',
    ],
    [
      'ccccccc',
      [on('one', { ready: [c, `${'c'.repeat(39)}0`] })],
      c,
      '2 staged commits begin with ccccccc. Staged on every host: aaaaaaa, ccccccc, ccccccc',
    ],
  ])('%s that cannot be: %#', (wanted, live, proven, impossible) => {
    expect(choose(wanted, live, proven)).toEqual({ impossible });
  });
});

test('only what is live everywhere, healthy and proven is proven', () => {
  const standing = (live: HostState[], proven: string | null) =>
    standingOf({ live, lastProven: proven ? named(proven) : null });
  expect(standing(both, a)).toBe('proven');
  expect(standing(both, c)).toBe('unproven');
  expect(standing(both, null)).toBe('unproven');
  expect(standing([on('one'), on('two', { healthy: false })], a)).toBe('sick');
  expect(standing([on('one'), on('two', { sha: b })], a)).toBe('sick');
  expect(standing([on('one', { sha: null })], a)).toBe('sick');
});
