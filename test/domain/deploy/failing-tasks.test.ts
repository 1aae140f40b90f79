import { expect, test } from 'vitest';
import { countFailedTasks, doesNotContinue } from '../../../domain/deploy/failing-tasks.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const failed = (...seconds: number[]) =>
  seconds.map((second) => ({ at: at(second), cause: `cause of ${second}` }));

test.each([
  ['no task is pending', null, failed(5), null],
  ['the first attempt is pending', { attempt: 1, at: at(9) }, [], null],
  [
    'the first attempt failed',
    { attempt: 2, at: at(9) },
    failed(5),
    { count: 1, since: at(5), cause: 'cause of 5' },
  ],
  [
    'later attempts, which the history does not contain',
    { attempt: 5, at: at(90) },
    failed(5),
    { count: 4, since: at(5), cause: 'cause of 5' },
  ],
  [
    'new events began the count of attempts again',
    { attempt: 1, at: at(90) },
    failed(70, 30, 5),
    { count: 3, since: at(5), cause: 'cause of 70' },
  ],
  [
    'the failed task is not in the newest part of the history',
    { attempt: 6, at: at(90) },
    [],
    { count: 4, since: at(90), cause: 'the reason is not in the newest part of its history' },
  ],
])('failed tasks are counted: %s', (_, pending, tasks, expected) => {
  expect(countFailedTasks({ pending, failed: tasks })).toEqual(expected);
});

test.each([
  [2, 3600, false],
  [3, 29, false],
  [3, 30, true],
  [40, 3600, true],
])('%i failed tasks in %i s: does not continue = %s', (count, seconds, expected) => {
  const failing = { count, since: at(0), cause: '' };
  expect(doesNotContinue(failing, new Date(at(seconds)))).toBe(expected);
});
