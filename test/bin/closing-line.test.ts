import { expect, test } from 'vitest';
import { closingLine } from '../../bin/closing-line.mjs';

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

test.each([
  ['all green', report({}), 0, '3 passed, 0 failed, 0 skipped', 0],
  [
    'skipped and todo',
    report({ numPendingTests: 1, numTodoTests: 1 }),
    0,
    '3 passed, 0 failed, 2 skipped',
    0,
  ],
  [
    'a red test',
    report({ numFailedTests: 1, testResults: [red] }),
    1,
    '3 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a file that does not load',
    report({ testResults: [unreadable] }),
    1,
    '3 passed, 1 failed, 0 skipped',
    1,
  ],
  ['a crash after the last test', report({}), 1, '3 passed, 1 failed, 0 skipped', 1],
  ['no report at all', undefined, 1, '0 passed, 1 failed, 0 skipped', 1],
  ['no report and no complaint', undefined, 0, '0 passed, 0 failed, 0 skipped', 1],
  ['not one test', report({ numPassedTests: 0 }), 0, '0 passed, 0 failed, 0 skipped', 1],
  [
    'everything skipped',
    report({ numPassedTests: 0, numPendingTests: 9 }),
    0,
    '0 passed, 0 failed, 9 skipped',
    1,
  ],
])('%s', (_, given, code, line, exitCode) => {
  expect(closingLine(given, code)).toEqual({ line, exitCode });
});
