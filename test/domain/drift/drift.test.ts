import { describe, expect, test } from 'vitest';
import type { Entry, EntryKind, DriftFinding } from '../../../domain/contract/activities.ts';
import type { ServedCommit, ServedSnapshot } from '../../../domain/contract/drift.ts';
import {
  noDataAfter,
  followUp,
  inFlight,
  judgeServed,
  shippedLast,
  unreported,
} from '../../../domain/drift/drift.ts';
import {
  driftDetails,
  failedLivePage,
  noDataPage,
  otherPage,
} from '../../../domain/messages/drift.ts';
import { sha } from '../../support/plan.ts';

const [a, b, c] = [sha('a'), sha('b'), sha('c')];
const at = '2026-01-01T00:00:00Z';
const place = { project: 'shop', environment: 'production' };

const commit = (tree: string, change: Partial<ServedCommit> = {}): ServedCommit => ({
  ...{ tree, title: 'Quick fix', author: 'Kim <kim@example.test>' },
  ...{ committer: 'Kim <kim@example.test>', at: '2026-01-02T00:00:00Z' },
  ...change,
});
const on = (host: string, served: string | null, running = served) => ({
  ...{ host, sha: served, runningSha: running },
});
const failedShipped = {
  ...{ shas: [a, b], at, how: 'rollback-failed' },
  failed: { sha: b, deployId: 'd-2' },
};
const snapshot = (change: Partial<ServedSnapshot> = {}): ServedSnapshot => ({
  shipped: { shas: [a], at, how: 'succeeded' },
  ...{ busy: null, rolledBack: null, live: [on('one', a)], silent: [], commits: {} },
  ...change,
});

test.each<[string, Partial<ServedSnapshot>, string | undefined]>([
  ['the rolled back release', { rolledBack: b, live: [on('one', b)] }, b],
  ['its process', { rolledBack: b, live: [on('one', a, b)] }, b],
  ['also an unknown release', { rolledBack: b, live: [on('one', b), on('two', c)] }, undefined],
  ['only an unknown release', { rolledBack: b, live: [on('one', c)] }, undefined],
  ['a release, and none was rolled back', { live: [on('one', b)] }, undefined],
])('is the rolled back release back? %s', (_, change, returned) => {
  expect(judgeServed(snapshot(change)).returned).toBe(returned);
});

describe('what one look says', () => {
  const known = { [a]: commit('t1'), [b]: commit('t2') };
  const foreign = (path: string, commitThere: string | null) => ({ path, sha: commitThere });
  const cases: [string, Partial<ServedSnapshot>, string, string][] = [
    ['what was shipped', {}, 'same', 'aaaaaaa is live, as the ledger says (succeeded)'],
    [
      'another commit with the same files: a revert, a merge that changes nothing',
      { live: [on('one', c)], commits: { [a]: commit('t1'), [c]: commit('t1') } },
      'same',
      'aaaaaaa is live, as the ledger says (succeeded)',
    ],
    [
      'another commit with other files',
      { live: [on('one', b)], commits: known },
      'other',
      'bbbbbbb is live on one, but aaaaaaa was deployed last',
    ],
    [
      'two commits in which the project has no file are not thereby equal',
      { live: [on('one', b)], commits: { [a]: commit(''), [b]: commit('') } },
      'other',
      'bbbbbbb is live on one, but aaaaaaa was deployed last',
    ],
    [
      'a commit that the repository does not have',
      { live: [on('one', b)], commits: { [a]: commit('t1'), [b]: null } },
      'other',
      'bbbbbbb is live on one, but aaaaaaa was deployed last',
    ],
    [
      'neither commit is in the repository',
      { live: [on('one', b)], commits: { [a]: null, [b]: null } },
      'other',
      'bbbbbbb is live on one, but aaaaaaa was deployed last',
    ],
    [
      'one of two places',
      { live: [on('one', a), on('two', b)], commits: known },
      'other',
      'bbbbbbb is live on two, but aaaaaaa was deployed last',
    ],
    [
      'a process that was started from something else',
      { live: [on('one', a, b)], commits: known },
      'other',
      'bbbbbbb is live on one, but aaaaaaa was deployed last',
    ],
    [
      'another place is away: what is seen counts',
      { live: [on('two', b)], silent: [{ host: 'one', why: 'no route' }], commits: known },
      'other',
      'bbbbbbb is live on two, but aaaaaaa was deployed last',
    ],
    [
      'something that is no release of ours, at a known commit',
      { live: [{ ...on('one', null), foreign: foreign('/srv/old', b) }], commits: known },
      'other',
      'bbbbbbb is live on one, but aaaaaaa was deployed last',
    ],
    [
      'something without a commit',
      { live: [{ ...on('one', null), foreign: foreign('dpl_7', null) }] },
      'other',
      'dpl_7 is live on one, but aaaaaaa was deployed last',
    ],
    [
      'a checkout elsewhere of what was shipped',
      { live: [{ ...on('one', null), foreign: foreign('/srv/old', a) }] },
      'same',
      'aaaaaaa is live, as the ledger says (succeeded)',
    ],
    [
      'a deploy is open',
      { busy: 'the deploy d-1 has not ended', live: [on('one', b)], commits: known },
      'busy',
      'the deploy d-1 has not ended',
    ],
    [
      'nothing was ever shipped',
      { shipped: null, live: [on('one', b)] },
      'nothing-shipped',
      'nothing was deployed or adopted here yet',
    ],
    [
      'no answer is not fine',
      { live: [on('one', a)], silent: [{ host: 'two', why: 'no route' }] },
      'unknown',
      'two: no route',
    ],
    [
      'an answer without a commit',
      { live: [on('one', null)] },
      'unknown',
      'one: the commit is unknown',
    ],
    ['no place at all', { live: [] }, 'unknown', 'no place answered'],
    [
      'after a failed rollback, the old release is right',
      { shipped: failedShipped, live: [on('one', a)] },
      'same',
      'aaaaaaa or bbbbbbb is live, as the ledger says (rollback-failed)',
    ],
    [
      'after a failed rollback, the release of the failed deploy is wrong',
      { shipped: failedShipped, live: [on('two', a), on('one', b)] },
      'other',
      'bbbbbbb is live on one, but its deploy ended as rollback-failed',
    ],
    [
      'a process of a failed deploy still runs',
      { shipped: failedShipped, live: [on('one', a, b)] },
      'other',
      'bbbbbbb is live on one, but its deploy ended as rollback-failed',
    ],
  ];
  test.each(cases)('%s', (_, change, verdict, why) => {
    expect(judgeServed(snapshot(change))).toMatchObject({ verdict, why });
  });
});

let seq = 100;
const row = (kind: EntryKind, deployId: string, body: Entry['body']): Entry => ({
  ...{ seq: (seq -= 1), at, kind, key: `${deployId}/${kind}`, deployId, ...place, body, hash: '' },
});
const release = (of: string) => ({ id: `${of.slice(0, 12)}-00000000`, sha: of });
const closed = (id: string, outcome: string, of: string) =>
  row('closed', id, { outcome, sha: of, release: release(of) });
const released = (id: string, of: string, rollbackTarget: string | null) =>
  row('released', id, {
    release: release(of),
    rollbackTarget: rollbackTarget && release(rollbackTarget),
  });

describe('what was shipped last', () => {
  const cases: [string, Entry[], string[] | null][] = [
    ['nothing', [], null],
    ['a good deploy', [closed('d1', 'succeeded', a)], [a]],
    ['one that was kept unproven', [closed('d1', 'unproven', b)], [b]],
    [
      'an adoption',
      [row('adopted', 'd1', { release: release(c) }), closed('d0', 'succeeded', a)],
      [c],
    ],
    [
      'one that was taken back: what it went back to',
      [closed('d2', 'rolled-back', b), released('d2', b, a), closed('d1', 'succeeded', c)],
      [a],
    ],
    [
      'a rollback that failed: either',
      [closed('d2', 'rollback-failed', b), released('d2', b, a)],
      [a, b],
    ],
    [
      'a first deploy that failed',
      [closed('d1', 'rollback-failed', a), released('d1', a, null)],
      [a],
    ],
    ...['aborted', 'gate-closed', 'rejected', 'expired', 'something-new'].map(
      (outcome): [string, Entry[], string[]] => [
        `${outcome} changed nothing`,
        [closed('d2', outcome, b), released('d2', b, a), closed('d1', 'succeeded', c)],
        [c],
      ],
    ),
  ];
  test.each(cases)('%s', (_, rows, shas) => {
    expect(shippedLast(rows)?.shas ?? null).toEqual(shas);
  });

  test('a release that was not rolled back is named as failed', () => {
    const failed = (outcome: string, target: string | null) =>
      shippedLast([closed('d2', outcome, b), released('d2', b, target)])?.failed;
    const named = { sha: b, deployId: 'd2' };
    expect(failed('rollback-failed', a)).toEqual(named);
    expect(failed('rollback-not-approved', a)).toEqual(named);
    expect(failed('rollback-failed', null)).toEqual(named);
    expect(failed('rollback-failed', b)).toBeUndefined();
    expect(failed('rolled-back', a)).toBeUndefined();
    expect(failed('unproven', a)).toBeUndefined();
  });

  test('a deploy is in flight from its intent to its end', () => {
    expect(inFlight([])).toBeNull();
    expect(inFlight([released('d1', b, a)])).toBe('the deploy d1 has not ended');
    expect(inFlight([closed('d0', 'succeeded', a), released('d1', b, a)])).toBe(
      'the deploy d1 has not ended',
    );
    expect(inFlight([closed('d1', 'succeeded', b), released('d1', b, a)])).toBeNull();
  });
});

describe('people are called', () => {
  const alarm = { verdict: 'other', why: 'b, though a', mark: 'a one=b' } as const;
  const fine = { verdict: 'same', why: 'a' } as const;
  const dark = { verdict: 'unknown', why: 'one: no route' } as const;
  const busy = { verdict: 'busy', why: 'd-1' } as const;
  type Step = Parameters<typeof followUp>[1];
  const calls = (steps: readonly Step[]) => {
    let last: DriftFinding | undefined;
    return steps.map((step) => {
      const { finding, call } = followUp(place, step, last);
      last = finding;
      return call;
    });
  };

  test('once for what is served, through a deploy and through silence', () => {
    const steps = [alarm, alarm, busy, alarm, dark, alarm];
    expect(calls(steps)).toEqual(['other', null, null, null, null, null]);
  });

  test('again when something else is served, and when it comes back after it was mended', () => {
    const next = { ...alarm, mark: 'a one=c' };
    expect(calls([alarm, next, next])).toEqual(['other', 'other', null]);
    expect(calls([alarm, fine, alarm])).toEqual(['other', null, 'other']);
  });

  test('once after several looks in a row that told nothing', () => {
    expect(noDataAfter).toBe(3);
    expect(calls([dark, dark, dark, dark, dark])).toEqual([null, null, 'no-data', null, null]);
    expect(calls([dark, dark, fine, dark, dark])).toEqual([null, null, null, null, null]);
    expect(calls([dark, dark, dark, fine, dark, dark, dark]).at(-1)).toBe('no-data');
  });

  test('again by the next look where nobody was reached', () => {
    const first = followUp(place, alarm, undefined);
    expect(followUp(place, alarm, unreported(first.finding, undefined)).call).toBe('other');
    const third = [dark, dark, dark].reduce<DriftFinding | undefined>(
      (last, step) => followUp(place, step, last).finding,
      undefined,
    );
    expect(followUp(place, dark, unreported(third!, undefined)).call).toBe('no-data');
  });
});

const finding = (change: Partial<DriftFinding> = {}): DriftFinding => ({
  ...place,
  ...{ verdict: 'other', why: 'bbbbbbb is live on one, but aaaaaaa was deployed last' },
  ...{ misses: 0, notified: 'a one=b', ...change },
});

test('the page names both commits, who made the other one, and what to type', () => {
  const seen = snapshot({
    live: [on('one', b)],
    commits: {
      [a]: commit('t1'),
      [b]: commit('t2', { committer: 'GitHub <noreply@github.test>' }),
    },
  });
  expect(otherPage(finding(), seen)).toEqual({
    deploy: {
      deployId: 'drift-shop-production-aaaaaaaaaaaa-bbbbbbbbbbbb',
      ...{ ...place, sha: b },
    },
    step: 'other',
    title: 'shop production serves a release that Plimsoll did not deploy',
    text: `bbbbbbb is live on one, but aaaaaaa was deployed last.
Deployed last: ${a}, succeeded 2026-01-01T00:00:00Z
Served: ${b} "Quick fix" by Kim <kim@example.test>, committed by GitHub <noreply@github.test>, 2026-01-02T00:00:00Z
To keep the served release: plimsoll adopt shop production --reason "why it is safe"
To replace it: plimsoll deploy shop production --ref aaaaaaaaaaaa`,
    priority: 'high',
  });
});

test('the page about a failed deploy that is live names the deploy, and what to type', () => {
  const why = 'bbbbbbb is live on one, but its deploy ended as rollback-failed';
  const seen = snapshot({ shipped: failedShipped, live: [on('one', b)] });
  expect(failedLivePage(finding({ why, failed: true }), seen)).toEqual({
    deploy: {
      deployId: 'drift-shop-production-failed-bbbbbbbbbbbb',
      ...{ ...place, sha: b },
    },
    step: 'failed',
    title: 'shop production serves a release whose deploy failed',
    text: `bbbbbbb is live on one, but its deploy ended as rollback-failed.
Deploy: d-2, rollback-failed 2026-01-01T00:00:00Z
What happened: plimsoll incidents incident-d-2
To keep the served release: plimsoll adopt shop production --reason "why it is safe"
To replace it: plimsoll deploy shop production --ref COMMIT`,
    priority: 'high',
  });
});

test('a page about what has no commit says so, and one line of an unknown commit', () => {
  const nameless = { ...on('one', null), foreign: { path: 'dpl_7', sha: null } };
  const page = otherPage(
    finding({ why: 'dpl_7 on one, though …' }),
    snapshot({ live: [nameless] }),
  );
  expect(page.deploy).toMatchObject({
    deployId: 'drift-shop-production-aaaaaaaaaaaa-nameless',
    sha: a,
  });
  expect(page.text).not.toContain('Served:');
  const unknown = snapshot({ live: [on('one', b)], commits: { [b]: null } });
  expect(otherPage(finding(), unknown).text).toContain(
    `\nServed: ${b}: the repository has no such commit\n`,
  );
});

test('the page of a blind sentinel says what it means', () => {
  expect(noDataPage(finding({ verdict: 'unknown', why: 'one: no route', misses: 3 }))).toEqual({
    deploy: { deployId: 'drift-shop-production-no-data', ...place, sha: '0'.repeat(40) },
    step: 'no-data',
    title: 'shop production: the served release is unknown',
    text: `The last 3 checks gave no answer: one: no route.
Until a check succeeds, a change outside Plimsoll is not noticed.
Find the cause: plimsoll doctor`,
    priority: 'high',
  });
});

test('the Web UI shows first what needs a person', () => {
  const blog = {
    project: 'blog',
    verdict: 'same',
    why: 'ccccccc is live, as the ledger says (adopted)',
  } as const;
  const lake = { project: 'lake', verdict: 'unknown', why: 'one: no route' } as const;
  expect(driftDetails([finding(blog), finding(lake), finding()])).toBe(
    `shop production: other: bbbbbbb is live on one, but aaaaaaa was deployed last
lake production: unknown: one: no route
blog production: same: ccccccc is live, as the ledger says (adopted)`,
  );
});
