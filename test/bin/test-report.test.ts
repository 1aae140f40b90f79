import { describe, expect, test } from 'vitest';
import {
  closingLines,
  countsOf,
  failuresOf,
  listedNightly,
  mergedReport,
  timeLines,
  unrun,
} from '../../bin/test-report.mjs';

const report = (counts: Record<string, unknown>) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...counts,
});
const unreadable = { status: 'failed', assertionResults: [] };
const red = { status: 'failed', assertionResults: [{ status: 'failed' }] };
const skipped = { numPendingTests: 1, numTodoTests: 1 };
const onlySkipped = { numPassedTests: 0, numPendingTests: 9 };
const oneRed = { numFailedTests: 1, testResults: [red] };

test.each([
  ['all green', report({}), 0, '3 passed, 0 failed, 0 skipped', 0],
  ['skipped and todo', report(skipped), 0, '3 passed, 0 failed, 2 skipped', 0],
  ['a red test', report(oneRed), 1, '3 passed, 1 failed, 0 skipped', 1],
  [
    'a file that does not load',
    report({ testResults: [unreadable] }),
    1,
    '3 passed, 1 failed, 0 skipped',
    1,
  ],
  ['a crash after the last test', report({}), 1, '3 passed, 1 failed, 0 skipped', 1],
  ['no report at all', undefined, 1, '0 passed, 1 failed, 0 skipped', 1],
  ['no report and no complaint', undefined, 0, '0 passed, 1 failed, 0 skipped', 1],
  ['not one test', report({ numPassedTests: 0 }), 0, '0 passed, 0 failed, 0 skipped', 1],
  ['everything skipped', report(onlySkipped), 0, '0 passed, 0 failed, 9 skipped', 1],
])('%s', (_, given, code, line, exitCode) => {
  expect(closingLines([countsOf(given, code)])).toEqual({ lines: [line], exitCode });
});

test('two lanes are counted as one', () => {
  const lanes = [
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 1, skipped: 0 },
  ];
  const lines = ['5 passed, 1 failed, 1 skipped'];
  expect(closingLines(lanes)).toEqual({ lines, exitCode: 1 });
});

test('the failed and the flaky tests are named before the sums', () => {
  const long = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n');
  const run = {
    ...{ passed: 3, failed: 1, skipped: 0 },
    failures: [{ name: 'a.ts > adds', message: long }],
    flaky: [{ name: 'b.ts > waits', message: 'too late' }],
  };
  const { lines } = closingLines([{ passed: 1, failed: 0, skipped: 0 }, run]);
  expect(lines.slice(0, 3)).toEqual(['Failed: a.ts > adds', '  line 0', '  line 1']);
  expect(lines.slice(-3)).toEqual([
    'Failed once, passed on the second try: b.ts > waits',
    '  too late',
    '4 passed, 1 failed, 0 skipped',
  ]);
  expect(lines.length).toBe(16);
});

describe('a second try', () => {
  const file = (name: string, status: string, ...tests: string[]) => ({
    name: `/here/${name}`,
    status,
    message: 'broken',
    assertionResults: tests.map((each, index) => ({
      status: each,
      fullName: `test ${index}`,
      failureMessages: [`why ${index}`],
    })),
  });
  const first = {
    testResults: [
      file('green.ts', 'passed', 'passed', 'passed'),
      file('red.ts', 'failed', 'passed', 'failed'),
      file('broken.ts', 'failed', 'pending', 'pending'),
    ],
  };

  test('is for the failed tests, and for a file that failed outside its tests', () => {
    expect(failuresOf(first, '/here')).toEqual([
      { file: 'red.ts', name: 'red.ts > test 1', message: 'why 1' },
      { file: 'broken.ts', name: 'broken.ts', message: 'broken' },
    ]);
    expect(failuresOf(undefined, '/here')).toEqual([]);
  });

  test('replaces the results of its files, also the tests that a broken file skipped', () => {
    const second = {
      testResults: [
        file('red.ts', 'failed', 'failed', 'passed'),
        file('broken.ts', 'passed', 'passed', 'passed'),
      ],
    };
    const merged = mergedReport(first, second);
    expect(countsOf(merged, 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
    expect(failuresOf(merged, '/here')).toMatchObject([{ name: 'red.ts > test 0' }]);
    expect(mergedReport(first, undefined)).toBe(first);
  });
});

const contributing = `## Tests
| \`test/other.test.ts\` | no |
## What \`npm run test:all\` adds

| file | what |
| ---- | ---- |
| \`test/a.nightly.test.ts\` | \`all\` of a |
| \`test/b/c.nightly.test.ts\` | c |

## Next
| \`test/d.test.ts\` | no |
`;

test('the nightly files are the first column of one section', () => {
  expect(listedNightly(contributing)).toEqual([
    'test/a.nightly.test.ts',
    'test/b/c.nightly.test.ts',
  ]);
  expect(listedNightly('## Tests\n')).toEqual([]);
});

describe('a nightly file that did not run', () => {
  const ran = (name: string, ...states: string[]) => ({
    name: `/here/${name}`,
    assertionResults: states.map((status) => ({ status })),
  });
  const files = ['green.ts', 'red.ts', 'skipped.ts', 'empty.ts', 'absent.ts'];
  test('is one without a test that passed or failed', () => {
    const testResults = [
      ran('green.ts', 'pending', 'passed'),
      ran('red.ts', 'failed'),
      ran('skipped.ts', 'pending', 'todo'),
      ran('empty.ts'),
    ];
    expect(unrun({ testResults }, files, '/here')).toEqual(['skipped.ts', 'empty.ts', 'absent.ts']);
  });
  test('is every one where there is no report', () => {
    expect(unrun(undefined, files, '/here')).toEqual(files);
  });
});

describe('the time that files took', () => {
  test('is shown for the ten slowest, and for eight cores', () => {
    const times = Array.from({ length: 12 }, (_, index) => ({
      file: `test/${index + 1}.test.ts`,
      ms: (index + 1) * 1000,
    }));
    expect(timeLines(times)).toEqual([
      'The slowest files of 12:',
      '     12.0 s  test/12.test.ts',
      '     11.0 s  test/11.test.ts',
      '     10.0 s  test/10.test.ts',
      '      9.0 s  test/9.test.ts',
      '      8.0 s  test/8.test.ts',
      '      7.0 s  test/7.test.ts',
      '      6.0 s  test/6.test.ts',
      '      5.0 s  test/5.test.ts',
      '      4.0 s  test/4.test.ts',
      '      3.0 s  test/3.test.ts',
      '   78.0 s  all files, one after the other',
      '   12.0 s  the slowest file: test/12.test.ts',
      '   12.0 s  the shortest possible time on 8 cores',
    ]);
  });
  test('is nothing where nothing ran', () => {
    expect(timeLines([])).toEqual([]);
  });
});
