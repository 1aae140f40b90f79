import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPipAudit } from '../../../activities/gates/audit/pip-audit.ts';
import { readSarif } from '../../../activities/gates/audit/sarif.ts';
import { readJunit, readJunits } from '../../../activities/gates/junit.ts';
import { judgeTests, ranIn } from '../../../domain/gates/tests.ts';
import type { JunitReport, TestFacts } from '../../../domain/gates/tests.ts';

const fixtures = new URL('../../fixtures/reports/', import.meta.url);
const fixture = (path: string) => readFileSync(new URL(path, fixtures), 'utf8');

const judge = (junit: TestFacts['junit'], over: Partial<TestFacts> = {}) =>
  judgeTests({
    ...{ required: ['junit'], statuses: [], critical: [], minimumTests: 0, sourceErrors: [] },
    checkRuns: [{ name: 'junit', status: 'completed', conclusion: 'success' }],
    junit,
    ...over,
  });

const report = (xml: string): JunitReport => {
  const read = readJunit(xml);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

/** Name of the report, number of tests, tests that ran, failures, and state of the gate. */
const junits: [string, number, number, number, 'open' | 'closed'][] = [
  ['bats-1.8.2-fail', 2, 2, 1, 'closed'],
  ['bats-1.8.2-good', 2, 1, 0, 'open'],
  ['behave-1.3.3-dry-run', 4, 0, 0, 'closed'],
  ['behave-1.3.3-fail', 3, 3, 2, 'closed'],
  ['behave-1.3.3-good', 4, 3, 0, 'open'],
  ['bun-1.4.5-fail', 6, 4, 1, 'closed'],
  ['bun-1.4.5-good', 4, 2, 0, 'open'],
  ['bun-1.4.5-grep', 4, 1, 0, 'open'],
  ['bun-1.4.5-lost-suite', 4, 2, 0, 'open'],
  // If a test program is missing, CTest exits with 8, but reports the test as skipped.
  ['ctest-3.25.1-fail', 6, 3, 3, 'closed'],
  ['ctest-3.25.1-good', 3, 1, 0, 'open'],
  ['cucumber-js-13.3.0-pending', 2, 2, 1, 'closed'],
  ['cucumber-js-13.3.0-undefined', 1, 1, 1, 'closed'],
  ['deno-2.9.6-good', 2, 1, 0, 'open'],
  ['deno-2.9.6-lost-suite', 2, 1, 0, 'open'],
  ['go-junit-report-2.1.0-good', 4, 2, 0, 'open'],
  ['go-junit-report-2.1.0-lost-suite', 5, 3, 1, 'closed'],
  ['googletest-1.12.1-fail', 4, 2, 1, 'closed'],
  ['googletest-1.12.1-good', 3, 1, 0, 'open'],
  ['gotestsum-1.13.0-good', 4, 2, 0, 'open'],
  ['gotestsum-1.13.0-lost-suite', 5, 3, 2, 'closed'],
  ['jasmine-reporters-2.5.2-good', 3, 1, 0, 'open'],
  ['jest-junit-17.0.0-good', 2, 2, 0, 'open'],
  ['jest-junit-17.0.0-lost-suite', 5, 3, 0, 'open'],
  ['jest-junit-17.0.0-lost-suite-reported', 7, 5, 2, 'closed'],
  ['jest-junit-17.0.0-todo', 5, 3, 0, 'open'],
  ['mocha-junit-reporter-2.2.1-ant', 4, 1, 0, 'open'],
  ['mocha-junit-reporter-2.2.1-fail', 5, 2, 1, 'closed'],
  ['mocha-junit-reporter-2.2.1-grep', 3, 1, 0, 'open'],
  ['mocha-junit-reporter-2.2.1-hook', 2, 1, 1, 'closed'],
  ['mocha-junit-reporter-2.2.1-include-pending', 4, 1, 0, 'open'],
  ['mocha-junit-reporter-2.2.1-pending', 4, 1, 0, 'open'],
  ['mocha-xunit-12.0.3-pending', 4, 1, 0, 'open'],
  ['node-24.21.0-fail', 2, 1, 1, 'closed'],
  ['node-24.21.0-lost-suite', 1, 1, 1, 'closed'],
  ['node-24.21.0-todo', 11, 4, 0, 'open'],
  ['nose2-0.16.0-good', 4, 2, 0, 'open'],
  ['playwright-1.65.1-good', 5, 3, 0, 'open'],
  ['playwright-1.65.1-lost-suite', 0, 0, 0, 'closed'],
  ['pytest-9.2.0-fail', 6, 5, 4, 'closed'],
  ['pytest-9.2.0-good', 7, 5, 0, 'open'],
  ['pytest-9.2.0-lost-suite', 1, 1, 1, 'closed'],
  ['robotframework-7.5-good', 2, 1, 0, 'open'],
  ['unittest-xml-reporting-4.0.0-good', 4, 2, 0, 'open'],
  ['vitest-5.1.2-good', 5, 2, 0, 'open'],
  ['vitest-5.1.2-grep', 5, 1, 0, 'open'],
  ['vitest-5.1.2-lost-suite', 6, 3, 1, 'closed'],
  ['vitest-5.1.2-unhandled', 2, 2, 1, 'closed'],
];

describe('a JUnit report as a real program writes it', () => {
  test.each(junits)('%s', (name, tests, ran, failures, gate) => {
    const read = report(fixture(`junit/${name}.xml`));
    const { open } = judge(read);
    expect([read.tests, ranIn(read), read.failures, open ? 'open' : 'closed']).toEqual([
      ...[tests, ran, failures, gate],
    ]);
  });

  test('every stored report is in the table', () => {
    expect(readdirSync(new URL('junit/', fixtures)).toSorted()).toEqual(
      junits.map(([name]) => `${name}.xml`).toSorted(),
    );
  });

  test('of Mocha: the gate says how many tests did not run', () => {
    expect(judge(report(fixture('junit/mocha-junit-reporter-2.2.1-pending.xml'))).reasons).toEqual([
      '1 required check succeeded: junit',
      'JUnit: 4 tests, 0 failed, 0 skipped, 3 did not run and have no name in the report',
      'required checks were read from tests.required',
    ]);
  });

  test.each(['pending', 'grep', 'ant'])(
    'of Mocha (%s): a critical test may be among those that have no name',
    (run) => {
      const read = report(fixture(`junit/mocha-junit-reporter-2.2.1-${run}.xml`));
      expect(judge(read, { critical: ['*pays*'] })).toEqual({
        ...{ open: false, loud: [] },
        reasons: [
          `JUnit: ${run === 'grep' ? '2 tests' : '3 tests'} did not run, and the report does not ` +
            'say which. Set includePending: true for mocha-junit-reporter, and run the tests ' +
            'without --grep and .only. Or remove tests.critical from plimsoll.yaml.',
        ],
      });
    },
  );

  test('of Mocha with includePending: critical tests that ran open the gate', () => {
    const read = report(fixture('junit/mocha-junit-reporter-2.2.1-include-pending.xml'));
    expect(judge(read, { critical: ['*pays*'] }).open).toBe(true);
    expect(judge(read, { critical: ['*refunds*'] }).reasons).toEqual([
      'JUnit: critical tests were skipped: refunds.checkout refunds. Run these tests.',
    ]);
  });

  test('of Jest: a test.todo did not run', () => {
    const read = report(fixture('junit/jest-junit-17.0.0-todo.xml'));
    expect(read.skipped).toEqual(['later.later', 'skipped.skipped']);
  });

  test('of Jest: one of two tests of 0 ms is a test.todo', () => {
    const cases = ['pays', 'later'].map((name) => `<testcase name="${name}" time="0"/>`);
    const read = report(
      '<testsuites name="jest tests"><testsuite name="a" errors="0" failures="0" skipped="0" ' +
        `timestamp="2026-12-01T00:00:00" time="0" tests="1">${cases.join('')}</testsuite></testsuites>`,
    );
    expect([read.tests, ranIn(read)]).toEqual([2, 1]);
    expect(judge(read, { critical: ['adds', 'pay*'] }).reasons).toEqual([
      'JUnit: no test fits the critical pattern "adds". Bring the test back, or correct ' +
        'tests.critical in plimsoll.yaml.',
      'JUnit: 1 test did not run, and the report does not say which. A critical test may be among ' +
        'them: pays. jest-junit writes test.todo like a test that passed. Write these tests or ' +
        'remove them, or correct tests.critical in plimsoll.yaml.',
    ]);
  });

  test('of Jest: the approvers read what the report cannot show', () => {
    const read = report(fixture('junit/jest-junit-17.0.0-lost-suite.xml'));
    const line =
      'JUnit: jest-junit wrote the report. The report leaves out a test file that Jest could not load, ' +
      'and no other check is required. Require the check of CI that runs Jest. Or set ' +
      'reportTestSuiteErrors: "true" for jest-junit.';
    expect(judge(read)).toEqual({
      ...{ open: true, loud: [line] },
      reasons: [
        line,
        '1 required check succeeded: junit',
        'JUnit: 5 tests, 0 failed, 2 skipped',
        'required checks were read from tests.required',
      ],
    });
    const ci = { name: 'test', status: 'completed', conclusion: 'success' };
    const both = judge(read, { required: ['test'], checkRuns: [ci] });
    expect(both).toMatchObject({ open: true, loud: [] });
  });

  test.each([
    ['bun-1.4.5-lost-suite', 'bun', 'Bun'],
    ['deno-2.9.6-lost-suite', 'deno', 'Deno'],
  ])('of %s: the approvers read the same', (name, producer, program) => {
    const read = report(fixture(`junit/${name}.xml`));
    expect(judge(read).loud).toEqual([
      `JUnit: ${producer} wrote the report. The report leaves out a test file that ${program} could not load, ` +
        `and no other check is required. Require the check of CI that runs ${program}.`,
    ]);
    const ci = { name: 'test', status: 'completed', conclusion: 'success' };
    expect(judge(read, { required: ['test'], checkRuns: [ci] }).loud).toEqual([]);
  });

  test('several together keep what is not known', () => {
    const several = readJunits(
      ['jest-junit-17.0.0-lost-suite', 'mocha-junit-reporter-2.2.1-pending', 'vitest-5.1.2-good']
        .map((name) => fixture(`junit/${name}.xml`))
        .concat('<testsuite><testcase name="x" status="odd"/></testsuite>'),
    );
    expect(several).toMatchObject({
      ...{ tests: 15, failures: 0, unnamed: { count: 3, among: null }, producer: 'jest-junit' },
      unknown: ['x (status="odd")'],
    });
  });
});

const one = (inside: string, attributes = '') =>
  `<testsuites><testsuite name="s"><testcase classname="a" name="ok"/>` +
  `<testcase classname="a" name="b" ${attributes}>${inside}</testcase></testsuite></testsuites>`;

describe('a word for a result', () => {
  test.each([
    ...['failed', 'FAIL', 'Error', 'broken', 'timed-out', 'aborted', 'cancelled'].map((word) => [
      `status="${word}"`,
      '',
    ]),
    ...['result', 'outcome', 'state', 'verdict'].map((name) => [`${name}="failed"`, '']),
    ['success="false"', ''],
    ['passed="False"', ''],
    ['failed="true"', ''],
    ['error="1"', ''],
    ['Status="Failed"', ''],
    ['RESULT="fail"', ''],
    ['testResult="Failed"', ''],
    ['run-status="error"', ''],
    ['', '<properties><property name="status" value="failed"/></properties>'],
    ['status="passed"', '<failure/>'],
    ['status="failed"', '<skipped/>'],
    ['', '<failed/>'],
    ['', '<timeout/>'],
    ['', '<skipped/><error/>'],
    ['', '<skipped type="todo"/><error/>'],
    ['status="notrun"', '<skipped message="Unable to find executable"/>'],
  ])('is a failure: %s %s', (attributes, inside) => {
    expect(report(one(inside ?? '', attributes))).toMatchObject({ tests: 2, failures: 1 });
  });

  test.each([
    ['status="weird"', '', 'a.b (status="weird")'],
    ['status="inconclusive"', '', 'a.b (status="inconclusive")'],
    ['status=""', '', 'a.b (status="")'],
    ['result="unknown"', '', 'a.b (result="unknown")'],
    ['status="run" result="blocked"', '', 'a.b (result="blocked")'],
    ['success="maybe"', '', 'a.b (success="maybe")'],
    ['failed="twice"', '', 'a.b (failed="twice")'],
    ['status="not started"', '', 'a.b (status="not started")'],
    ['', '<warning/>', 'a.b (<warning>)'],
    ['', '<inconclusive message="x">text</inconclusive>', 'a.b (<inconclusive>)'],
  ])('is not known, so it is no pass: %s %s', (attributes, inside, unknown) => {
    const read = report(one(inside, attributes));
    expect(read).toMatchObject({ failures: 0, unknown: [unknown] });
    expect(judge(read)).toEqual({
      ...{ open: false, loud: [] },
      reasons: [
        `JUnit: the result of 1 test is not known: ${unknown}. Plimsoll knows the words passed, ` +
          'failed and skipped. Let the program that writes the report use these words, or leave ' +
          'the word out.',
      ],
    });
  });

  test.each([
    ['status="untested"', ''],
    ['status="not run"', ''],
    ['result="Disabled"', ''],
    ['executed="false"', ''],
    ['skipped="true"', ''],
    ['ignored="True"', ''],
    ['status="N/A"', ''],
    ['status="ignore"', ''],
    ['result="omitted"', ''],
    ['status="odd"', '<skipped/>'],
    ['', '<skipped type="todo"/>'],
    ['', '<skipped type="todo"/><failure/>'],
    ['status="notrun"', '<skipped message="SKIP_RETURN_CODE=77"/>'],
  ])('is a skip, which does not close the gate: %s %s', (attributes, inside) => {
    const read = report(one(inside, attributes));
    expect(read).toMatchObject({ failures: 0, skipped: ['a.b'] });
    expect(judge(read).open).toBe(true);
  });

  test.each([
    ['status="passed"', ''],
    ['status="run" result="completed"', ''],
    ['success="true" executed="True"', ''],
    ['failed="false" skipped="0"', ''],
    ['', '<properties><property name="x"/></properties><system-out>failed</system-out>'],
    ['', '<properties><property name="state" value="NY"/></properties>'],
    ['httpStatus="404" estate="failed"', ''],
    ['', '<flakyFailure message="first try"/>'],
    ['', '<system-err/><system-out/>'],
  ])('is a pass: %s %s', (attributes, inside) => {
    expect(report(one(inside, attributes))).toEqual({
      ...{ tests: 2, failures: 0, skipped: [], names: ['a.ok', 'a.b'] },
    });
  });

  test('counts for a whole suite', () => {
    const ok = '<testcase name="ok"/>';
    for (const suite of ['<testsuite status="failed">', '<testsuite><broken/>'])
      expect(report(`<testsuites>${suite}${ok}</testsuite></testsuites>`).failures).toBe(1);
  });

  test('counts also where another element lies between suite and test', () => {
    const deep =
      '<package><testsuite><testcase name="x"><failure/></testcase></testsuite></package>';
    expect(report(`<testsuites>${deep}</testsuites>`)).toMatchObject({ tests: 1, failures: 1 });
  });
});

describe('white space and a byte order mark', () => {
  test.each(['\n\n', '\uFEFF\n', '\uFEFF\uFEFF'])('%j before the report', (before) => {
    const xml = `${before}<?xml version="1.0"?><testsuite><testcase name="x"/></testsuite>`;
    expect(report(xml)).toMatchObject({ tests: 1, failures: 0 });
  });
});

describe('numbers that a program declares', () => {
  const suite = (attributes: string, cases: string) =>
    `<testsuite ${attributes}>${cases}</testsuite>`;
  const two = '<testcase name="x"/><testcase name="y"/>';
  test.each([
    ['skips explain what is missing', suite('tests="5" skipped="3"', two), 5, 2],
    ['so do disabled tests', suite('tests="5" disabled="1" skipped="2"', two), 5, 2],
    ['a skip that has no name', suite('disabled="1"', two), 2, 1],
    [
      'the outer suite declares the skips of the inner suites',
      `<testsuites tests="4" skipped="2">${suite('tests="3"', '<testcase name="x"/>')}${suite(
        'tests="1"',
        '<testcase name="y"/>',
      )}</testsuites>`,
      4,
      2,
    ],
  ])('%s', (_, xml, tests, ran) => {
    const read = report(xml);
    expect([read.tests, ranIn(read), judge(read).open]).toEqual([tests, ran, true]);
  });

  test.each([
    suite('tests="6" skipped="3"', two),
    suite('tests="3"', two),
    suite('tests="2" skipped="3"', two),
    `<testsuites tests="4" skipped="1">${suite('tests="4"', two)}</testsuites>`,
  ])('that no skip explains are partial: %s', (xml) => expect(readJunit(xml)).toBe('partial'));

  test.each(['one', '1,000', '-1', 'NaN', '0x1'])('are not known: %s', (number) => {
    for (const name of ['tests', 'failures', 'errors', 'skipped', 'disabled']) {
      expect(readJunit(suite(`${name}="${number}"`, two))).toBe('malformed');
      expect(readJunit(`<testsuites>${suite(`${name}="${number}"`, two)}</testsuites>`)).toBe(
        'malformed',
      );
    }
  });

  test('may be left empty', () => {
    expect(report(suite('tests="2" failures="" errors=" "', two))).toMatchObject({ failures: 0 });
  });

  test('of skips without names: a critical test may be among them', () => {
    expect(judge(report(suite('disabled="1"', two)), { critical: ['x'] }).reasons).toEqual([
      'JUnit: 1 test did not run, and the report does not say which. A critical test may be among ' +
        'them: x. Let the report name every skipped test, or remove tests.critical from ' +
        'plimsoll.yaml.',
    ]);
    expect(judge(report(suite('tests="3" skipped="1"', two)), { critical: ['x'] }).open).toBe(
      false,
    );
  });
});

describe('a security report as a real program writes it', () => {
  test.each<[string, [string, string][]]>([
    ['gitleaks-8.30.1-clean', []],
    // Gitleaks writes no level and no score.
    ['gitleaks-8.30.1', [['aws-access-token@deploy.sh', 'unknown']]],
    [
      'semgrep-1.185.0',
      [
        ['no-shell@repo/app.py', 'high'],
        ['weak-hash@repo/app.py', 'moderate'],
        ['asserts@repo/app.py', 'low'],
      ],
    ],
    [
      'bandit-1.9.4',
      [
        ['B404@repo/app.py', 'low'],
        ['B602@repo/app.py', 'high'],
        ['B324@repo/app.py', 'high'],
        ['B101@repo/app.py', 'low'],
      ],
    ],
    [
      'eslint-formatter-sarif-3.1.0',
      [
        ['no-unused-vars@file:///shop/a.js', 'moderate'],
        ['no-eval@file:///shop/a.js', 'high'],
      ],
    ],
  ])('%s', (name, expected) => {
    const read = readSarif(fixture(`sarif/${name}.sarif`));
    expect(typeof read === 'string' ? read : read.findings.map((f) => [f.id, f.severity])).toEqual(
      expected,
    );
  });

  test('pip-audit 2.10.1', () => {
    expect(readPipAudit(fixture('pip-audit/pip-audit-2.10.1.json'))).toEqual([
      { id: 'PYSEC-2019-179', severity: 'unknown', where: 'flask 0.5', title: 'fixed in 1.0' },
    ]);
  });
});
