import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';
import { waitsFor } from '../../domain/gates/tests.ts';
import type { TestFacts } from '../../domain/gates/tests.ts';
import { transient } from '../lib/fail.ts';
import { cancellation } from '../lib/temporal-context.ts';

const minute = 60_000;
const pauseMs = 20_000;
const leastPauseMs = 250;
/** The time that an attempt of the activity keeps for its last reads. */
const reserveMs = 2 * minute;
/** The time that the activity keeps for retries after an outage of GitHub. */
const retryMs = 4 * minute;

type Wait = {
  /** The longest wait from the first attempt of the activity on. */
  minutes: number;
  /** The factor by which time is scaled; 1 in production. */
  timeScale: number;
};

/**
 * Calls `read` until no required check is unfinished, or until the wait is over, and returns the
 * last facts. An attempt of an activity is shorter than the wait. So near the end of the attempt
 * this throws a transient failure, and the next attempt goes on waiting.
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
 * Returns when the first attempt of the activity was scheduled, when this attempt must end, and
 * when the activity must end, in epoch ms. Outside of an activity nothing must end.
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
