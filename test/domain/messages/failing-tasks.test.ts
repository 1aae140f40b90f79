import { expect, test } from 'vitest';
import { failingWords, liveWhileFailing } from '../../../domain/messages/failing-tasks.ts';
import { planFor } from '../../support/plan.ts';

test('the reason for failing workflow tasks is one line without secrets', () => {
  const cause = 'no access:\n  token=abcdef123, xoxb-1234567890';
  expect(failingWords({ count: 1, since: '2026-01-01T00:00:00.000Z', cause })).toBe(
    '1 workflow task failed since 00:00:00Z: no access: token=…, …',
  );
});

const sealed = { plan: planFor(), gates: [], digest: '' };

test.each([
  ['a deploy before its plan', 'planning', null, 'unchanged: nothing was touched'],
  ['a deploy that waits for an approval', 'approval', sealed, 'unchanged: nothing was touched'],
  ['a deploy that began', 'release', sealed, 'UNKNOWN: bbbbbbb or aaaaaaa'],
  [
    'a recovery that failed in its first task',
    null,
    null,
    'UNKNOWN: a deploy was ended, and its rollback has not begun',
  ],
])('the live release of %s', (_, phase, plan, words) => {
  expect(liveWhileFailing({ phase, sealed: plan })).toBe(words);
});
