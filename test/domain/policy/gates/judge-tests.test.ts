import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeTests, type TestFacts } from '../../../../domain/policy/gates.ts';
import { matches } from '../../../../domain/policy/gates/glob.ts';

const run = (name: string, conclusion: string | null, status = 'completed') => ({
  name,
  status,
  conclusion,
});
const green: TestFacts = {
  required: ['unit', 'lint'],
  checkRuns: [run('unit', 'success')],
  statuses: [{ context: 'lint', state: 'success' }],
  junit: { tests: 187, failures: 0, skipped: ['ui > dark mode'] },
  critical: ['*payment*', 'auth > *'],
  minimumTests: 186,
  sourceErrors: [],
};
const junit = { tests: 187, failures: 0, skipped: [] as string[] };

const rows: [string, Partial<TestFacts>, string[]][] = [
  [
    'zero checks',
    { checkRuns: [], statuses: [] },
    ['no check reported on this commit: zero checks prove nothing. Let CI run on it.'],
  ],
  [
    'a required check is absent',
    { statuses: [] },
    [
      'required check "lint" is absent on this commit: nobody reported it. Let CI run it, or correct tests.required in plimsoll.yaml.',
    ],
  ],
  [
    'a required check is queued',
    { checkRuns: [run('unit', null, 'queued')] },
    ['required check "unit" is queued: it has not finished. Wait for it, then deploy again.'],
  ],
  [
    'a required status is pending',
    { statuses: [{ context: 'lint', state: 'pending' }] },
    ['required check "lint" is pending: it has not finished. Wait for it, then deploy again.'],
  ],
  [
    'a required check failed',
    { checkRuns: [run('unit', 'failure')] },
    ['required check "unit" ended failure. Mend it or run it again, then deploy again.'],
  ],
  [
    'a required status is an error',
    { statuses: [{ context: 'lint', state: 'error' }] },
    ['required check "lint" ended error. Mend it or run it again, then deploy again.'],
  ],
  [
    'a required check was cancelled',
    { checkRuns: [run('unit', 'cancelled')] },
    ['required check "unit" ended cancelled. Mend it or run it again, then deploy again.'],
  ],
  [
    'a required check is neutral',
    { checkRuns: [run('unit', 'neutral')] },
    ['required check "unit" ended neutral: only success counts. Make it run on this commit.'],
  ],
  [
    'a required check was skipped',
    { checkRuns: [run('unit', 'skipped')] },
    ['required check "unit" ended skipped: only success counts. Make it run on this commit.'],
  ],
  [
    'a required check completed without a conclusion',
    { checkRuns: [run('unit', null)] },
    [
      'required check "unit" ended without a conclusion. Mend it or run it again, then deploy again.',
    ],
  ],
  [
    'a conclusion that nobody knows',
    { checkRuns: [run('unit', 'SUCCESS')] },
    ['required check "unit" ended SUCCESS. Mend it or run it again, then deploy again.'],
  ],
  [
    'one of two checks of the same name failed',
    { checkRuns: [run('unit', 'success'), run('unit', 'failure')] },
    ['required check "unit" ended failure. Mend it or run it again, then deploy again.'],
  ],
  [
    'a check that nobody requires failed',
    { checkRuns: [run('unit', 'success'), run('docs', 'timed_out')] },
    ['check "docs" ended timed_out. Mend it or run it again, then deploy again.'],
  ],
  [
    'nothing is required',
    { required: [] },
    ['no check is required: nothing would be proven. Name one in tests.required.'],
  ],
  [
    'nothing is required, and the rules of the branch cannot be seen',
    {
      required: [],
      rulesUnavailable: ['403: Upgrade to GitHub Pro', '404: Branch not protected'],
    },
    [
      'no check is required: nothing would be proven. Name one in tests.required. The rules of the branch cannot be seen (403: Upgrade to GitHub Pro, 404: Branch not protected).',
    ],
  ],
  [
    'a check that only the rules of the branch require is absent',
    { byRules: [{ name: 'e2e', appId: null }] },
    [
      'required check "e2e" is absent on this commit: nobody reported it. Let CI run it: the rules of the branch require it.',
    ],
  ],
  [
    'a check that only the rules of the branch require is neutral',
    {
      byRules: [{ name: 'e2e', appId: null }],
      checkRuns: [run('unit', 'success'), run('e2e', 'neutral')],
    },
    ['required check "e2e" ended neutral: only success counts. Make it run on this commit.'],
  ],
  [
    'a check of another app than the one that is trusted',
    {
      byRules: [{ name: 'unit', appId: 15368 }],
      checkRuns: [{ ...run('unit', 'success'), appId: 7 }],
    },
    [
      'required check "unit" was not reported by app 15368, which the rules of the branch trust for it. Let that app run it.',
    ],
  ],
  [
    'a status, of which no app is known, where one is trusted',
    { byRules: [{ name: 'lint', appId: 15368 }] },
    [
      'required check "lint" was not reported by app 15368, which the rules of the branch trust for it. Let that app run it.',
    ],
  ],
  [
    'the artifact of the report could not be read',
    {
      junit: 'unread',
      sourceErrors: ['the artifact "junit" of this commit, because it has expired'],
    },
    [
      'could not be read: the artifact "junit" of this commit, because it has expired. Nothing is known, so the gate stays closed.',
    ],
  ],
  [
    'a report that was not read, without a reason',
    { junit: 'unread' },
    ['could not be read: the JUnit report. Nothing is known, so the gate stays closed.'],
  ],
  [
    'the JUnit report is missing',
    { junit: 'missing' },
    [
      'the JUnit report is missing in the tree of this commit. Let CI write it, or correct tests.junit in plimsoll.yaml.',
    ],
  ],
  [
    'the JUnit report is malformed',
    { junit: 'malformed' },
    ['the JUnit report cannot be parsed: its numbers are unknown. Mend what writes it.'],
  ],
  [
    'the JUnit report holds less than it declares',
    { junit: 'partial' },
    [
      'the JUnit report declares more tests or skips than it holds: its numbers are unknown. Mend what writes it, or what cut it; a subtest needs a test case of its own.',
    ],
  ],
  [
    'the JUnit report has numbers that are none',
    { junit: { ...junit, tests: NaN } },
    ['the JUnit report cannot be parsed: its numbers are unknown. Mend what writes it.'],
  ],
  [
    'critical patterns without a report to look in',
    { junit: null, minimumTests: 0 },
    [
      'tests.critical or tests.minimumTests is set but there is no JUnit report to count in. Name it as tests.junit in plimsoll.yaml.',
    ],
  ],
  [
    'a minimum without a report to count in',
    { junit: null, critical: [] },
    [
      'tests.critical or tests.minimumTests is set but there is no JUnit report to count in. Name it as tests.junit in plimsoll.yaml.',
    ],
  ],
  [
    'one test failed',
    { junit: { ...junit, failures: 1 } },
    ['JUnit: 1 test of 187 failed. Mend them.'],
  ],
  [
    'fewer tests than the minimum',
    { junit: { ...junit, tests: 185 } },
    ['JUnit: 185 tests ran, at least 186 must. Find what was left out.'],
  ],
  [
    'enough tests, of which too many were skipped',
    { junit: { ...junit, skipped: ['ui > x', 'ui > y'] } },
    ['JUnit: 185 tests ran and 2 were skipped, at least 186 must run. Find what was left out.'],
  ],
  [
    'every test was skipped, without any minimum',
    { junit: { tests: 1, failures: 0, skipped: ['ui > x'] }, minimumTests: 0 },
    ['JUnit: 0 tests ran and 1 was skipped, at least 1 must run. Find what was left out.'],
  ],
  [
    'no test ran, without any minimum',
    { junit: { ...junit, tests: 0 }, minimumTests: 0 },
    ['JUnit: 0 tests ran, at least 1 must. Find what was left out.'],
  ],
  [
    'a critical test was skipped',
    {
      junit: {
        ...{ tests: 189, failures: 0 },
        skipped: ['auth > logs in', 'shop > payment by card', 'ui > x'],
      },
    },
    [
      'JUnit: critical tests were skipped: auth > logs in, shop > payment by card. Run them; none may be skipped.',
    ],
  ],
  [
    'a critical pattern fits no test any more',
    { junit: { ...junit, names: ['auth > logs in'] } },
    [
      'JUnit: no test fits the critical pattern "*payment*". Bring the test back, or correct tests.critical in plimsoll.yaml.',
    ],
  ],
  [
    'a source could not be read',
    { sourceErrors: ['GitHub answered 502 to the check runs'] },
    [
      'could not be read: GitHub answered 502 to the check runs. Nothing is known, so the gate stays closed.',
    ],
  ],
  [
    'several reasons at once: all of them',
    {
      checkRuns: [run('unit', 'failure')],
      statuses: [],
      junit: { ...junit, failures: 2, tests: 10 },
    },
    [
      'required check "lint" is absent on this commit: nobody reported it. Let CI run it, or correct tests.required in plimsoll.yaml.',
      'required check "unit" ended failure. Mend it or run it again, then deploy again.',
      'JUnit: 2 tests of 10 failed. Mend them.',
      'JUnit: 10 tests ran, at least 186 must. Find what was left out.',
    ],
  ],
];

test.each(rows)('closed: %s', (_, facts, reasons) => {
  expect(judgeTests({ ...green, ...facts })).toEqual({ open: false, reasons });
});

test('open: what was seen', () => {
  expect(judgeTests(green)).toEqual({
    open: true,
    reasons: ['2 required checks succeeded: unit, lint', 'JUnit: 187 tests, 0 failed, 1 skipped'],
  });
});

test('open: the rules of the branch alone require', () => {
  const byRules = [
    { name: 'unit', appId: 15368 },
    { name: 'lint', appId: null },
  ];
  const checkRuns = [{ ...run('unit', 'success'), appId: 15368 }];
  expect(judgeTests({ ...green, required: [], byRules, checkRuns })).toEqual({
    open: true,
    reasons: ['2 required checks succeeded: unit, lint', 'JUnit: 187 tests, 0 failed, 1 skipped'],
  });
});

test('open: a check that nobody requires may be neutral or skipped', () => {
  const checkRuns = [...green.checkRuns, run('docs', 'neutral'), run('preview', 'skipped')];
  expect(judgeTests({ ...green, checkRuns }).open).toBe(true);
});

test('open: checks alone decide where no report is configured', () => {
  const facts = { ...green, junit: null, critical: [], minimumTests: 0 };
  expect(judgeTests(facts)).toEqual({
    open: true,
    reasons: ['2 required checks succeeded: unit, lint'],
  });
});

test('only success of every required check opens the gate', () => {
  const word = fc.constantFrom('success', 'neutral', 'skipped', 'failure', 'stale', '', null);
  const status = fc.constantFrom('completed', 'queued', 'in_progress', 'pending', 'odd');
  fc.assert(
    fc.property(word, status, (conclusion, state) => {
      const { open } = judgeTests({ ...green, checkRuns: [run('unit', conclusion, state)] });
      expect(open).toBe(state === 'completed' && conclusion === 'success');
    }),
  );
});

test.each<[string, string, boolean]>([
  ['auth', 'auth', true],
  ['auth', 'auth > x', false],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*a', 'aba', true],
  ['*pay*card*', 'shop > payment by card now', true],
  ['*pay*card*', 'card then pay', false],
  ['a.c', 'abc', false],
  ['(a+)+', '(a+)+', true],
])('pattern %s against "%s": %s', (pattern, text, fits) => {
  expect(matches(pattern, text)).toBe(fits);
});
