import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';
import { waitsFor } from '../../domain/gates/tests.ts';
import type { TestFacts } from '../../domain/gates/tests.ts';
import { transient } from '../lib/fail.ts';
import { cancellation } from '../lib/temporal-context.ts';

const minute = 60_000;
const pauseMs = 20_000;
const leastPauseMs = 250;
/** The length of the last part of an attempt of the activity. No new pause begins in this part. */
const reserveMs = 2 * minute;
/**
 * The time between the end of the wait and the end of the activity. Temporal needs this time for
 * retries after an outage of GitHub.
 */
const retryMs = 4 * minute;

type Wait = {
  /** The longest wait, counted from the start of the first attempt of the activity. */
  minutes: number;
  /** The factor by which a sandbox divides its waiting times. 1 in production. */
  timeScale: number;
};

/**
 * Calls `read` until `waitsFor` returns no check, or until the wait is over. Returns the last
 * facts. The wait may be longer than one attempt of the activity. So near the end of an attempt,
 * this function throws a transient failure, and the next attempt continues the wait.
 */
export async function waitForChecks(
  { minutes, timeScale }: Wait,
  read: () => Promise<TestFacts>,
): Promise<TestFacts> {
  const times = timesOf(Date.now());
  const until = Math.min(times.began + (minutes * minute) / timeScale, times.end - retryMs);
  for (;;) {
    const facts = await read();
    const names = waitsFor(facts);
    if (names.length === 0 || Date.now() >= until) return facts;
    if (Date.now() >= times.attemptEnd - reserveMs)
      throw transient(`The required checks ${names.join(', ')} have not finished yet.`, 1000);
    const pause = Math.max(pauseMs / timeScale, leastPauseMs);
    await delay(pause, undefined, { signal: cancellation() });
  }
}

/**
 * Returns three times in epoch milliseconds: the start of the first attempt of the activity, as
 * scheduled, the end of this attempt, and the end of the activity. Outside of an activity there is
 * no end.
 */
function timesOf(now: number) {
  const info = asyncLocalStorage.getStore()?.info;
  if (!info) return { began: now, attemptEnd: Infinity, end: Infinity };
  return {
    began: info.scheduledTimestampMs,
    attemptEnd: now + (info.startToCloseTimeoutMs || Infinity),
    end: info.scheduledTimestampMs + (info.scheduleToCloseTimeoutMs || Infinity),
  };
}
