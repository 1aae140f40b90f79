import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../domain/contract/activities.ts';
import type { HostState, Plan } from '../../../domain/deploy/plan.ts';
import { chooseLate, commitsSince, reachable } from '../../../domain/rollback/late-rollback.ts';
import type { LateChoice } from '../../../domain/rollback/late-rollback.ts';
import { hostState, planFor } from '../../support/plan.ts';

const sha = (digit: string) => digit.repeat(40);
const release = (digit: string) => ({ id: `${digit.repeat(12)}-00000000`, sha: sha(digit) });

/** Writes the rows of a story, oldest first. Returns the entries, newest first. */
function story(...rows: (Partial<Entry> & { kind: Entry['kind'] })[]): Entry[] {
  const full = rows.map((row, at) => ({
    ...{
      seq: at + 1,
      at: `2026-01-0${Math.min(9, at + 1)}T00:00:00.000Z`,
      key: `k${at}`,
      hash: '',
    },
    ...{ deployId: 'd-0', project: 'shop', environment: 'production', body: {}, ...row },
  }));
  return full.toReversed();
}

/** The rows of a deploy of `digit`, which replaced `before`. */
function deployed(
  digit: string,
  before: string,
  changes: Partial<Plan> & { outcome?: string } = {},
) {
  const { outcome = 'succeeded', ...planned } = changes;
  const deployId = `d-${digit}${before}`;
  const plan = planFor({ sha: sha(digit), release: release(digit), commits: [], ...planned });
  const rollbackTarget = before === '' ? null : release(before);
  const body = { sha: sha(digit), release: release(digit), rollbackTarget, plan };
  return [
    { kind: 'released', deployId, body },
    { kind: 'closed', deployId, body: { outcome, sha: sha(digit), release: release(digit) } },
  ] as const;
}

/** The rows of a late rollback from `digit` to `to`. */
const wentBack = (digit: string, to: string) =>
  deployed(digit, to, { late: true, outcome: 'rolled-back' });

const on = (digit: string, ...ready: string[]): HostState[] => [
  { ...hostState('one', sha(digit)), ready: ready.map(sha) },
];
const abc = story(...deployed('a', ''), ...deployed('b', 'a'), ...deployed('c', 'b'));
const all = ['a', 'b', 'c'];

const choose = (
  facts: { entries: Entry[]; live: HostState[]; cut?: boolean },
  wanted: string | null = null,
) => {
  const choice = chooseLate({ cut: false, ...facts }, wanted);
  return choice.kind === 'rollback'
    ? { from: choice.from.sha[0], to: choice.to.release.sha[0], crosses: choice.to.forwardOnly }
    : (choice as Exclude<LateChoice, { kind: 'rollback' }>);
};

describe('without a named release', () => {
  test('the newest proven release before the live one is chosen', () => {
    expect(choose({ entries: abc, live: on('c', ...all) })).toEqual({ from: 'c', to: 'b' });
  });

  test('a release that the platform cannot serve any more is skipped', () => {
    expect(choose({ entries: abc, live: on('c', 'a', 'c') })).toEqual({ from: 'c', to: 'a' });
  });

  test('a release that one host does not have is skipped', () => {
    const live = [...on('c', ...all), ...on('c', 'a', 'c')];
    expect(choose({ entries: abc, live })).toEqual({ from: 'c', to: 'a' });
  });

  test('a release that is not proven is skipped', () => {
    const entries = story(
      ...deployed('a', ''),
      ...deployed('b', 'a', { outcome: 'unproven' }),
      ...deployed('c', 'b'),
    );
    expect(choose({ entries, live: on('c', ...all) })).toEqual({ from: 'c', to: 'a' });
  });

  test('a quarantined release is skipped, and counts again after a lift', () => {
    const about = { body: { sha: sha('b'), release: release('b') } };
    const bad = { kind: 'quarantine', deployId: 'd-x', ...about } as const;
    const entries = [...story(...abc.toReversed(), bad)];
    expect(choose({ entries, live: on('c', ...all) })).toEqual({ from: 'c', to: 'a' });
    const lifted = story(...abc.toReversed(), bad, { kind: 'lifted', ...about });
    expect(choose({ entries: lifted, live: on('c', ...all) })).toEqual({ from: 'c', to: 'b' });
  });

  test('a second rollback does nothing', () => {
    const entries = story(...abc.toReversed(), ...wentBack('c', 'b'));
    expect(choose({ entries, live: on('b', ...all) })).toEqual({
      ...{ kind: 'nothing', why: 'again', sha: sha('b') },
    });
  });

  test('a deploy that was rolled back by itself is not rolled back once more', () => {
    const entries = story(...deployed('a', ''), ...deployed('b', 'a', { outcome: 'rolled-back' }));
    expect(choose({ entries, live: on('a', 'a', 'b') })).toMatchObject({ kind: 'nothing' });
  });

  test('nothing older is impossible, also if something newer is proven', () => {
    const entries = story(...abc.toReversed(), ...wentBack('c', 'a'));
    const none = { kind: 'impossible', why: { why: 'none-older' } };
    expect(choose({ entries: abc, live: on('a', ...all) })).toEqual(none);
    expect(choose({ entries, live: on('a', ...all) })).toMatchObject({ kind: 'nothing' });
  });

  test('hosts that serve several releases count as the newest of them', () => {
    const live = [...on('a', ...all), ...on('c', ...all)];
    expect(choose({ entries: abc, live })).toEqual({ from: 'c', to: 'b' });
  });

  test('an unknown live commit is impossible', () => {
    const live = [{ ...hostState('one', null as never), sha: null }];
    expect(choose({ entries: abc, live })).toMatchObject({ why: { why: 'unknown-live' } });
  });
});

describe('with a named release', () => {
  test.each([
    ['an older one', 'a', on('c', ...all), { from: 'c', to: 'a' }],
    ['the live one', 'c', on('c', ...all), { kind: 'nothing', why: 'served', sha: sha('c') }],
    ['a newer one', 'c', on('a', ...all), { why: { why: 'newer', sha: sha('c') } }],
    ['one that is gone', 'a', on('c', 'b', 'c'), { why: { why: 'gone', sha: sha('a') } }],
    ['a stranger', 'e', on('c', ...all), { why: { why: 'not-proven' } }],
  ])('%s', (_, digit, live, answer) => {
    expect(choose({ entries: abc, live }, digit.repeat(8))).toMatchObject(answer);
  });

  test('goes further back after a rollback, but never forward', () => {
    const entries = story(...abc.toReversed(), ...wentBack('c', 'b'));
    const live = on('b', ...all);
    expect(choose({ entries, live }, sha('a'))).toEqual({ from: 'b', to: 'a' });
    expect(choose({ entries, live }, sha('c'))).toMatchObject({ why: { why: 'newer' } });
  });

  test('a quarantined one is refused with its reason', () => {
    const bad = { kind: 'quarantine', body: { sha: sha('a'), release: release('a') } } as const;
    const entries = story(...abc.toReversed(), bad);
    expect(choose({ entries, live: on('c', ...all) }, sha('a'))).toMatchObject({
      why: { why: 'quarantined' },
    });
  });
});

describe('migrations between the two releases', () => {
  const entries = story(
    ...deployed('a', ''),
    ...deployed('b', 'a', { forwardOnly: 'db/1.sql' }),
    ...deployed('c', 'b'),
  );
  const live = on('c', ...all);

  test('anywhere in the range need a signature', () => {
    expect(choose({ entries, live }, sha('a'))).toEqual({
      from: 'c',
      to: 'a',
      crosses: 'db/1.sql',
    });
    expect(choose({ entries, live }, sha('b'))).toEqual({ from: 'c', to: 'b' });
  });

  test('of a deploy that was rolled back count too, because nobody undid them', () => {
    const rows = [
      ...deployed('a', ''),
      ...deployed('b', 'a', { forwardOnly: 'db/1.sql', outcome: 'rolled-back' }),
      ...deployed('c', 'a'),
    ];
    expect(choose({ entries: story(...rows), live }, sha('a'))).toMatchObject({
      crosses: 'db/1.sql',
    });
  });

  test('are unknown if the live release was not deployed by Plimsoll, or old rows were not read', () => {
    const unknown =
      'the ledger does not know every deploy since then, and an unknown deploy may contain migrations';
    const by = on('e', ...all);
    expect(choose({ entries: abc, live: by })).toEqual({ from: 'e', to: 'c', crosses: unknown });
    const recent = abc.filter(({ kind, seq }) => kind !== 'released' || seq > 4);
    expect(choose({ entries: recent, live, cut: true }, sha('a'))).toMatchObject({
      crosses: unknown,
    });
  });

  test('from which the platform cannot return make the rollback impossible', () => {
    const rows = [...deployed('a', ''), ...deployed('b', 'a', { noReturn: 'it has a migration' })];
    expect(choose({ entries: story(...rows), live: on('b', ...all) })).toEqual({
      kind: 'impossible',
      why: { why: 'no-return', sha: sha('a'), because: 'it has a migration' },
    });
  });
});

test('lists every release that is possible, with the platform id', () => {
  const ids = { [sha('a')]: 'dpl_a', [sha('b')]: 'dpl_b' };
  const live = [{ ...hostState('one', sha('c')), ready: ['a', 'b'].map(sha), ids }];
  expect(reachable({ entries: abc, cut: false, live })).toEqual([
    { release: { ...release('b'), platformId: 'dpl_b' }, provenAt: '2026-01-04T00:00:00.000Z' },
    { release: { ...release('a'), platformId: 'dpl_a' }, provenAt: '2026-01-02T00:00:00.000Z' },
  ]);
});

test('lists the commits of all deploys in between once', () => {
  const commit = (digit: string) => ({ sha: sha(digit), title: digit, emails: [] });
  const entries = story(
    ...deployed('a', '', { commits: [commit('a')] }),
    ...deployed('b', 'a', { commits: [commit('b')] }),
    ...deployed('c', 'b', { commits: [commit('c'), commit('b')] }),
  );
  const facts = { entries, cut: false, live: on('c', ...all) };
  expect(commitsSince(facts, sha('a')).map(({ title }) => title)).toEqual(['c', 'b']);
});
