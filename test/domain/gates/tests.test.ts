import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeTests, type TestFacts } from '../../../domain/gates/tests.ts';
import { matches } from '../../../domain/lib/glob.ts';
import { withoutWay } from '../../support/way-to-open.ts';

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
    ['no check reported on this commit, and zero checks prove nothing. Run CI on the commit.'],
  ],
  [
    'a required check is absent',
    { statuses: [] },
    [
      'required check "lint" has no result on this commit. Let CI run this check, or correct ' +
        'tests.required in plimsoll.yaml.',
    ],
  ],
  [
    'a required check is queued',
    { checkRuns: [run('unit', null, 'queued')] },
    [
      'required check "unit" is queued: the check has not finished. Wait for the check, then deploy ' +
        'again.',
    ],
  ],
  [
    'a required status is pending',
    { statuses: [{ context: 'lint', state: 'pending' }] },
    [
      'required check "lint" is pending: the check has not finished. Wait for the check, then deploy ' +
        'again.',
    ],
  ],
  [
    'a required check failed',
    { checkRuns: [run('unit', 'failure')] },
    [
      'required check "unit" ended failure. Fix the failure or run the check again, then deploy ' +
        'again.',
    ],
  ],
  [
    'a required status is an error',
    { statuses: [{ context: 'lint', state: 'error' }] },
    [
      'required check "lint" ended error. Fix the failure or run the check again, then deploy ' +
        'again.',
    ],
  ],
  [
    'a required check was cancelled',
    { checkRuns: [run('unit', 'cancelled')] },
    [
      'required check "unit" ended cancelled. Fix the failure or run the check again, then ' +
        'deploy again.',
    ],
  ],
  [
    'a required check is neutral',
    { checkRuns: [run('unit', 'neutral')] },
    ['required check "unit" ended neutral: only success counts. Run the check on this commit.'],
  ],
  [
    'a required check was skipped',
    { checkRuns: [run('unit', 'skipped')] },
    ['required check "unit" ended skipped: only success counts. Run the check on this commit.'],
  ],
  [
    'a required check completed without a conclusion',
    { checkRuns: [run('unit', null)] },
    [
      'required check "unit" ended without a conclusion. Fix the failure or run the check ' +
        'again, then deploy again.',
    ],
  ],
  [
    'a conclusion that nobody knows',
    { checkRuns: [run('unit', 'SUCCESS')] },
    [
      'required check "unit" ended SUCCESS. Fix the failure or run the check again, then deploy ' +
        'again.',
    ],
  ],
  [
    'one of two checks of the same name failed',
    { checkRuns: [run('unit', 'success'), run('unit', 'failure')] },
    [
      'required check "unit" ended failure in 1 of its 2 runs on this commit. Fix the failure or ' +
        'run the check again, then deploy again.',
    ],
  ],
  [
    'a check that nobody requires failed',
    { checkRuns: [run('unit', 'success'), run('docs', 'timed_out')] },
    [
      'check "docs" ended timed_out. Fix the failure or run the check again, then deploy again. If ' +
        'this check must not count, add under "tests" in plimsoll.yaml: ignore: [{ check: "docs", reason: ' +
        '"say why it does not count" }]. Then start the worker again.',
    ],
  ],
  [
    'a required check failed that is ignored as well',
    { checkRuns: [run('unit', 'failure')], ignore: [{ check: 'u*', reason: 'it is flaky' }] },
    [
      'required check "unit" ended failure. Fix the failure or run the check again, then deploy ' +
        'again. tests.ignore has "u*", but a required check always counts.',
    ],
  ],
  [
    'nothing is required',
    { required: [] },
    [
      'no check is required, so the gate can prove nothing. To require one, add under "tests" in ' +
        'plimsoll.yaml: required: ["unit", "lint"]. Then start the worker again.',
    ],
  ],
  [
    'nothing is required, and the rules of the branch cannot be seen',
    {
      required: [],
      rulesUnavailable: ['403: Upgrade to GitHub Pro', '404: Branch not protected'],
    },
    [
      'no check is required, so the gate can prove nothing. To require one, add under "tests" in ' +
        'plimsoll.yaml: required: ["unit", "lint"]. Then start the worker again. GitHub did not ' +
        'show the rules of the branch (403: Upgrade to GitHub Pro, 404: Branch not protected).',
    ],
  ],
  [
    'a check that only the rules of the branch require is absent',
    { byRules: [{ name: 'e2e', appId: null }] },
    [
      'required check "e2e" has no result on this commit. Let CI run this check: the rules of the ' +
        'branch require it.',
    ],
  ],
  [
    'a check that only the rules of the branch require is neutral',
    {
      byRules: [{ name: 'e2e', appId: null }],
      checkRuns: [run('unit', 'success'), run('e2e', 'neutral')],
    },
    ['required check "e2e" ended neutral: only success counts. Run the check on this commit.'],
  ],
  [
    'a check of another app than the one that is trusted',
    {
      byRules: [{ name: 'unit', appId: 15368 }],
      checkRuns: [{ ...run('unit', 'success'), appId: 7 }],
    },
    [
      'required check "unit" was not reported by app 15368, which the rules of the branch trust for this check. Let that app run the check.',
    ],
  ],
  [
    'a status, of which no app is known, where one is trusted',
    { byRules: [{ name: 'lint', appId: 15368 }] },
    [
      'required check "lint" was not reported by app 15368, which the rules of the branch trust for this check. Let that app run the check.',
    ],
  ],
  [
    'the artifact of the report could not be read',
    {
      junit: 'unread',
      sourceErrors: ['the artifact "junit" of this commit, because it has expired'],
    },
    [
      'a source could not be read: the artifact "junit" of this commit, because it has expired. There ' +
        'is no data, so the gate stays closed.',
    ],
  ],
  [
    'a report that was not read, without a reason',
    { junit: 'unread' },
    [
      'a source could not be read: the JUnit report. Let CI write it again, then deploy again. There ' +
        'is no data, so the gate stays closed.',
    ],
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
    [
      'the JUnit report cannot be parsed, so its numbers are unknown. Fix the program that ' +
        'writes it.',
    ],
  ],
  [
    'the JUnit report holds less than it declares',
    { junit: 'partial' },
    [
      'the JUnit report declares more tests or skips than it contains, so its numbers are ' +
        'unknown. Fix the program that writes or shortens the report. Each subtest needs its own ' +
        'test case.',
    ],
  ],
  [
    'the JUnit report has numbers that are none',
    { junit: { ...junit, tests: NaN } },
    [
      'the JUnit report cannot be parsed, so its numbers are unknown. Fix the program that ' +
        'writes it.',
    ],
  ],
  [
    'critical patterns without a report to look in',
    { junit: null, minimumTests: 0 },
    [
      'tests.critical or tests.minimumTests is set, but there is no JUnit report. Set tests.junit ' +
        'in plimsoll.yaml to the path of the report.',
    ],
  ],
  [
    'a minimum without a report to count in',
    { junit: null, critical: [] },
    [
      'tests.critical or tests.minimumTests is set, but there is no JUnit report. Set tests.junit ' +
        'in plimsoll.yaml to the path of the report.',
    ],
  ],
  [
    'one test failed',
    { junit: { ...junit, failures: 1 } },
    ['JUnit: 1 test of 187 failed. Fix the failures.'],
  ],
  [
    'fewer tests than the minimum',
    { junit: { ...junit, tests: 185 } },
    ['JUnit: 185 tests ran, but at least 186 must run. Find the tests that did not run.'],
  ],
  [
    'enough tests, of which too many were skipped',
    { junit: { ...junit, skipped: ['ui > x', 'ui > y'] } },
    [
      'JUnit: 185 tests ran and 2 were skipped, but at least 186 must run. Find the tests that did ' +
        'not run.',
    ],
  ],
  [
    'every test was skipped, without any minimum',
    { junit: { tests: 1, failures: 0, skipped: ['ui > x'] }, minimumTests: 0 },
    [
      'JUnit: 0 tests ran and 1 was skipped, but at least 1 must run. Find the tests that did not ' +
        'run.',
    ],
  ],
  [
    'no test ran, without any minimum',
    { junit: { ...junit, tests: 0 }, minimumTests: 0 },
    ['JUnit: 0 tests ran, but at least 1 must run. Find the tests that did not run.'],
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
      'JUnit: critical tests were skipped: auth > logs in, shop > payment by card. Run these tests.',
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
      'a source could not be read: GitHub answered 502 to the check runs. There is no data, so the gate ' +
        'stays closed.',
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
      'required check "lint" has no result on this commit. Let CI run this check, or correct ' +
        'tests.required in plimsoll.yaml.',
      'required check "unit" ended failure. Fix the failure or run the check again, then ' +
        'deploy again.',
      'JUnit: 2 tests of 10 failed. Fix the failures.',
      'JUnit: 10 tests ran, but at least 186 must run. Find the tests that did not run.',
    ],
  ],
];

test.each(rows)('closed: %s', (_, facts, reasons) => {
  expect(judgeTests({ ...green, ...facts })).toEqual({ open: false, reasons, loud: [] });
  expect(withoutWay(reasons, facts.sourceErrors)).toEqual([]);
});

test('open: what was seen', () => {
  expect(judgeTests(green)).toEqual({
    open: true,
    loud: [],
    reasons: [
      '2 required checks succeeded: unit, lint',
      'JUnit: 187 tests, 0 failed, 1 skipped',
      'required checks were read from tests.required',
    ],
  });
});

test('open: the rules of the branch alone require', () => {
  const byRules = [
    { name: 'unit', appId: 15368 },
    { name: 'lint', appId: null },
  ];
  const checkRuns = [{ ...run('unit', 'success'), appId: 15368 }];
  const rulesRead = ['rulesets', 'branch protection'];
  expect(judgeTests({ ...green, required: [], byRules, rulesRead, checkRuns })).toEqual({
    open: true,
    loud: [],
    reasons: [
      '2 required checks succeeded: unit, lint',
      'JUnit: 187 tests, 0 failed, 1 skipped',
      'required checks were read from rulesets, branch protection',
    ],
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
    loud: [],
    reasons: [
      '2 required checks succeeded: unit, lint',
      'required checks were read from tests.required',
    ],
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
