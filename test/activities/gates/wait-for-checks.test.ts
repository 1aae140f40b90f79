import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { describe, expect, test } from 'vitest';
import { waitForChecks } from '../../../activities/gates/wait-for-checks.ts';
import type { TestFacts } from '../../../domain/gates/tests.ts';

const facts = (...results: (string | null)[]): (() => Promise<TestFacts>) => {
  let reads = 0;
  return () => {
    const conclusion = results[Math.min(reads, results.length - 1)] ?? null;
    reads += 1;
    const status = conclusion === null ? 'in_progress' : 'completed';
    return Promise.resolve({
      required: ['unit'],
      checkRuns: [{ name: 'unit', status, conclusion }],
      ...{ statuses: [], junit: null, critical: [], minimumTests: 0, sourceErrors: [] },
    });
  };
};
const result = ({ checkRuns }: TestFacts) => checkRuns[0]?.conclusion ?? null;
/** One minute takes 20 ms. */
const fast = { timeScale: 3000 };

describe('the wait for required checks', () => {
  test('ends when they have finished', async () => {
    const read = facts(null, null, 'success');
    expect(result(await waitForChecks({ minutes: 15, ...fast, timeScale: 200 }, read))).toBe(
      'success',
    );
  });

  test('is over after the minutes, with the facts as they are', async () => {
    expect(result(await waitForChecks({ minutes: 1, ...fast }, facts(null)))).toBe(null);
    expect(result(await waitForChecks({ minutes: 0, timeScale: 1 }, facts(null)))).toBe(null);
  });

  test('goes on in the next attempt of the activity, and ends 15 min after the first began', async () => {
    const attempt = (ageMs: number) =>
      new MockActivityEnvironment({
        scheduledTimestampMs: Date.now() - ageMs,
        startToCloseTimeoutMs: 2 * 60_000,
        scheduleToCloseTimeoutMs: 20 * 60_000,
      }).run(() => waitForChecks({ minutes: 15, timeScale: 1 }, facts(null)));
    await expect(attempt(0)).rejects.toMatchObject({
      type: 'Unavailable',
      message: 'The required checks unit have not finished yet.',
      nextRetryDelay: 1000,
    });
    expect(result((await attempt(15 * 60_000)) as TestFacts)).toBe(null);
  });

  test('ends at once when the deploy is aborted', async () => {
    const env = new MockActivityEnvironment({
      scheduledTimestampMs: Date.now(),
      startToCloseTimeoutMs: 10 * 60_000,
      scheduleToCloseTimeoutMs: 20 * 60_000,
    });
    const waiting = env.run(() => waitForChecks({ minutes: 15, timeScale: 1 }, facts(null)));
    setTimeout(() => env.cancel(), 50);
    await expect(waiting).rejects.toThrow(/abort|cancel/i);
  });
});
