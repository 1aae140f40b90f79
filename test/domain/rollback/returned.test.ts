import { expect, test } from 'vitest';
import type { Entry } from '../../../domain/contract/activities.ts';
import { hasReturned, lastRolledBack, rolledBackSha } from '../../../domain/rollback/returned.ts';
import { hostState, planFor, sha } from '../../support/plan.ts';

const [old, next, other] = [sha('a'), sha('b'), sha('c')];
const row = (kind: Entry['kind'], deployId: string, body: object) =>
  ({ kind, deployId, body }) as unknown as Entry;
const begun = row('released', 'd-1', {
  release: { id: 'new', sha: next },
  rollbackTarget: { id: 'old', sha: old },
});
const closed = (outcome: string) => row('closed', 'd-1', { outcome });

test.each([
  ['rolled back', [closed('rolled-back'), begun], next],
  ['rolled back, and failing', [closed('rolled-back-still-failing'), begun], next],
  ['succeeded', [closed('succeeded'), begun], null],
  ['not rolled back', [closed('rollback-failed'), begun], null],
  ['open', [begun], null],
  ['adopted since then', [row('adopted', 'x', {}), closed('rolled-back'), begun], null],
  ['deployed since then', [row('released', 'd-2', {}), closed('rolled-back'), begun], null],
  [
    'a deploy without an effect since then',
    [row('closed', 'd-2', {}), closed('rolled-back'), begun],
    next,
  ],
  ['nothing', [], null],
])('the release that was rolled back last: %s', (_, rows, expected) => {
  expect(rolledBackSha(rows)).toBe(expected);
  expect(lastRolledBack(rows) === null).toBe(expected === null);
});

test('a release with the commit of its rollback target cannot be told apart', () => {
  const same = row('released', 'd-1', {
    release: { id: 'new', sha: old },
    rollbackTarget: { id: 'old', sha: old },
  });
  expect(rolledBackSha([closed('rolled-back'), same])).toBeNull();
});

const plan = planFor({
  release: { id: 'new', sha: next },
  rollbackTarget: { id: 'old', sha: old },
});
test.each([
  ['on one host of two', [hostState('one', old), hostState('two', next)], true],
  ['only its process', [{ ...hostState('one', old), runningSha: next }], true],
  ['not at all', [hostState('one', old)], false],
  [
    'not, and the old release is not healthy',
    [{ ...hostState('one', old), healthy: false }],
    false,
  ],
  ['beside an unknown release', [hostState('one', next), hostState('two', other)], false],
  ['nobody answers', [], false],
])('is the release served again? %s', (_, states, expected) => {
  expect(hasReturned(plan, states)).toBe(expected);
});
