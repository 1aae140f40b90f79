import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../domain/contract/activities.ts';
import { judgeLost, unclosedDeploys } from '../../../domain/rollback/lost.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import { hostState, newSha, oldSha, planFor, sha } from '../../support/plan.ts';

/**
 * Makes ledger entries from rows. The first row is the oldest entry. The result starts with the
 * newest entry, as in the ledger.
 */
function ledger(...rows: [kind: Entry['kind'], deployId: string, body?: object][]): Entry[] {
  const entries = rows.map(([kind, deployId, body = {}], at) => ({
    seq: at + 1,
    at: '2026-01-01T00:00:00.000Z',
    kind,
    key: `${deployId}/${kind}`,
    ...{ deployId, project: 'shop', environment: 'production' },
    body: { runId: `run-${deployId}`, sha: newSha, requestedBy: 'alice', ...body },
    hash: '',
  }));
  return entries.toReversed();
}
const found = (...rows: Parameters<typeof ledger>) =>
  unclosedDeploys(ledger(...rows)).map(({ deployId, plan }) => `${deployId} ${plan !== null}`);

describe('an unclosed deploy', () => {
  test('is one that the ledger saw begin and not end; whether it had an intent is said', () => {
    expect(found(['started', 'a'])).toEqual(['a false']);
    expect(found(['started', 'a'], ['released', 'a', { plan: planFor() }])).toEqual(['a true']);
    expect(unclosedDeploys(ledger(['started', 'a']))).toEqual([
      {
        deployId: 'a',
        project: 'shop',
        environment: 'production',
        runId: 'run-a',
        sha: newSha,
        requestedBy: 'alice',
        plan: null,
      },
    ]);
  });

  test('is none where it is closed, however it ended', () => {
    for (const outcome of ['succeeded', 'aborted', 'rollback-failed'])
      expect(found(['started', 'a'], ['closed', 'a', { outcome }])).toEqual([]);
  });

  test('is history once a later deploy reached production', () => {
    const later = ['started', 'b'] as const;
    const lost = ['started', 'a'] as const;
    for (const outcome of ['succeeded', 'unproven', 'rolled-back', 'rollback-failed'])
      expect(found([...lost], [...later], ['closed', 'b', { outcome }])).toEqual([]);
    for (const outcome of ['gate-closed', 'rejected', 'expired', 'aborted'])
      expect(found([...lost], [...later], ['closed', 'b', { outcome }])).toEqual(['a false']);
  });

  test('is the newest one of its place first', () => {
    expect(found(['started', 'a'], ['started', 'b'])).toEqual(['b false']);
  });

  test('of one place does not hide that of another', () => {
    const elsewhere = ledger(['started', 'b']).map((entry) => ({ ...entry, environment: 'test' }));
    const both = unclosedDeploys([...elsewhere, ...ledger(['started', 'a'])]);
    expect(both.map(({ deployId }) => deployId)).toEqual(['b', 'a']);
  });
});

describe('what is served after a lost deploy', () => {
  const state = (served: string | null, over: Partial<HostState> = {}): HostState => ({
    ...hostState('one', served ?? ''),
    sha: served,
    runningSha: served,
    ...over,
  });
  const first = planFor({ rollbackTarget: null });

  test.each([
    ['old everywhere', [state(oldSha), state(oldSha)], 'old'],
    ['mixed', [state(newSha), state(oldSha)], 'rollback'],
    ['new everywhere', [state(newSha)], 'rollback'],
    ['old but sick', [state(oldSha, { healthy: false })], 'rollback'],
    ['old link, new process', [state(oldSha, { runningSha: newSha })], 'rollback'],
    ['something else', [state(newSha), state(sha('e'))], 'foreign'],
    ['a foreign process', [state(oldSha, { runningSha: sha('e') })], 'foreign'],
    ['no host at all', [], 'foreign'],
  ] as const)('%s', (_, states, verdict) => {
    expect(judgeLost(planFor(), states)).toBe(verdict);
  });

  test('a first deploy has no rollback target unless nothing went live', () => {
    expect(judgeLost(first, [state(newSha)])).toBe('no-way');
    expect(judgeLost(first, [state(null, { healthy: false })])).toBe('old');
  });
});

describe('of a platform that has an id of its own', () => {
  const plan = planFor({ rollbackTarget: { id: 'r', sha: oldSha, platformId: 'dpl_old' } });
  const state = (served: string | null, id: string): HostState => ({
    ...hostState('vercel shop', served ?? ''),
    sha: served,
    runningSha: served,
    id,
  });

  test('the recorded one is old, whatever its commit; another build of that commit is not', () => {
    expect(judgeLost(plan, [state(oldSha, 'dpl_old')])).toBe('old');
    expect(judgeLost(plan, [state(null, 'dpl_old')])).toBe('old');
    expect(judgeLost(plan, [state(oldSha, 'dpl_newer')])).toBe('rollback');
    expect(judgeLost(plan, [{ ...state(oldSha, 'dpl_old'), healthy: false }])).toBe('rollback');
    expect(judgeLost(plan, [state(newSha, 'dpl_new')])).toBe('rollback');
    expect(judgeLost(plan, [state(null, 'dpl_other')])).toBe('foreign');
  });
});
