import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unlessLost } from '../support/lost-tasks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a deploy that stands still for a minute counts as lost, so its test runs again', async () => {
  const told = unlessLost(new Promise(() => {})).catch(({ message }: Error) => message);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await told).toBe('the test server lost a task: the deploy has not ended after a minute');
});

test('a deploy that ends in time is not lost, and leaves no timer', async () => {
  expect(await unlessLost(Promise.resolve('done'))).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});
