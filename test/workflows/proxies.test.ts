import { readdirSync, readFileSync } from 'node:fs';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityOptions } from '@temporalio/common';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Timing } from '../../domain/deploy/plan.ts';

const made: ActivityOptions[] = [];
vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  proxyActivities: (options: ActivityOptions) => void made.push(options),
}));

let names: string[] = [];
beforeAll(async () => {
  const { releasingWithin, rollingBackWithin, provingWithin, ...others } =
    await import('../../workflows/proxies.ts');
  expect(Object.values(others).filter((one) => one !== undefined)).toEqual([]);
  // The longest times that the configuration may set.
  const timing = { startUpMs: 30 * minute } as Timing;
  releasingWithin(2 * 60 * minute);
  rollingBackWithin(timing, 2 * 60 * minute);
  provingWithin(timing);
  names = [...Object.keys(others), 'releasingWithin', 'rollingBackWithin', 'provingWithin'];
});

const minute = 60_000;
const longMs = 30_000;

/**
 * The limits that an activity lacks. Without these limits, Temporal may retry the activity for
 * ever, or may not notice that a worker ended.
 */
function unbounded(options: ActivityOptions): string[] {
  const { startToCloseTimeout: attempt, scheduleToCloseTimeout: total, heartbeatTimeout } = options;
  return [
    attempt === undefined ? 'one attempt has no bound' : null,
    total === undefined ? 'all attempts together have no bound' : null,
    attempt !== undefined && msToNumber(attempt) > longMs && heartbeatTimeout === undefined
      ? 'longer than 30 s without a heartbeat'
      : null,
    attempt !== undefined && total !== undefined && msToNumber(total) <= msToNumber(attempt)
      ? 'no time for a second attempt'
      : null,
  ].filter((problem) => problem !== null);
}

test('every proxy bounds one attempt and all of them, and beats its heart where it is long', () => {
  expect(made).toHaveLength(names.length);
  expect(made.length).toBeGreaterThan(5);
  const problems = Object.fromEntries(names.map((name, at) => [name, unbounded(made[at] ?? {})]));
  expect(problems).toEqual(Object.fromEntries(names.map((name) => [name, []])));
});

test('every proxy names the failures that are never retried', () => {
  for (const { retry } of made) expect(retry?.nonRetryableErrorTypes).toContain('Refused');
});

test('a proxy that forgets a bound is found', () => {
  const bounds = { startToCloseTimeout: '31 seconds', scheduleToCloseTimeout: '1 hour' } as const;
  expect(unbounded({ ...bounds, heartbeatTimeout: '10 seconds' })).toEqual([]);
  expect(unbounded(bounds)).toEqual(['longer than 30 s without a heartbeat']);
  expect(unbounded({ scheduleToCloseTimeout: '1 hour' })).toEqual(['one attempt has no bound']);
  expect(unbounded({ startToCloseTimeout: '30 seconds' })).toEqual([
    'all attempts together have no bound',
  ]);
  expect(unbounded({ ...bounds, ...{ scheduleToCloseTimeout: '31 seconds' } })).toContain(
    'no time for a second attempt',
  );
});

test('no other module makes a proxy of its own', () => {
  const directory = new URL('../../workflows/', import.meta.url);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const makers = files
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /proxy(Local)?Activities\s*[<(]/.test(readFileSync(new URL(file, directory), 'utf8')),
    );
  expect(makers).toEqual(['proxies.ts']);
});
