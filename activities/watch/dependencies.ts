import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../../domain/contract/activities.ts';
import type { Access } from '../lib/access.ts';
import { cancellation } from '../lib/temporal-context.ts';
import { probe } from '../lib/probe.ts';
import type { ProbeResult } from '../lib/probe.ts';

/** The longest time, in milliseconds, that a rollback waits for the answers. */
const boundMs = 1500;
/**
 * If the first request has no answer after `timeLimitMs`, a second request is sent. After a bad
 * first answer, the second request is sent `pauseMs` later.
 */
const timeLimitMs = 700;
const pauseMs = 250;

type Deps = { ask?: typeof probe };

/**
 * Makes the activity that checks the declared dependencies. The activity sends requests to all
 * dependencies at the same time and ends after at most 1.5 s. A dependency is down only if two
 * requests failed, because one late or bad answer is no outage. Throws only if the activity is
 * cancelled.
 */
export const createDependencies = ({ ask = probe }: Deps = {}): Pick<
  Activities,
  'probeDependencies'
> => ({
  probeDependencies: ({ dependencies }) =>
    Promise.all(
      dependencies.map(async (url) => {
        const { ok, detail } = await askTwice(url, ask);
        return { url, ok, detail };
      }),
    ),
});

/**
 * Sends one request to an address, and a second request if the first fails. This takes at most 1.5
 * s. The text in `detail` has at most 107 characters.
 */
export async function askTwice(
  url: string,
  ask: typeof probe,
  { headers = {}, ...access }: Access = {},
): Promise<ProbeResult> {
  const signal = cancellation();
  const until = performance.now() + boundMs;
  const question = () => {
    const timeoutMs = Math.max(1, Math.floor(until - performance.now()));
    return ask(url, { timeoutMs, signal, headers, ...access });
  };
  const first = question();
  const early = await Promise.race([first, sleep(timeLimitMs, undefined, { signal })]);
  if (early?.ok) return inShort(early);
  if (early) await sleep(pauseMs, undefined, { signal });
  const answers = await Promise.all([first, question()]);
  const good = answers.find(({ ok }) => ok);
  if (good) return inShort(good);
  const [, second] = answers;
  return { ...second, detail: `${inShort(second).detail}, twice` };
}

const inShort = (answer: ProbeResult) => ({ ...answer, detail: answer.detail.slice(0, 100) });
