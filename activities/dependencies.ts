import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../domain/activities.ts';
import { cancellation } from './git/pulse.ts';
import { probe } from './probe.ts';
import type { ProbeOptions, ProbeResult } from './probe.ts';

/** A restore may wait for this, and no longer. */
const boundMs = 1500;
/** After this long without an answer it is asked again beside, and this long after a bad one. */
const patienceMs = 700;
const pauseMs = 250;

type Deps = { ask?: typeof probe };

/**
 * Each declared dependency, all at once, within 1.5 s: it is down only if two questions failed. One late or
 * one bad answer is not an outage. Throws only the reason of a cancel.
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

/** At most two questions within 1.5 s; the words are short. */
export async function askTwice(
  url: string,
  ask: typeof probe,
  { headers = {} }: Pick<ProbeOptions, 'headers'> = {},
): Promise<ProbeResult> {
  const signal = cancellation();
  const until = performance.now() + boundMs;
  const question = () => {
    const timeoutMs = Math.max(1, Math.floor(until - performance.now()));
    return ask(url, { timeoutMs, signal, headers });
  };
  const first = question();
  const early = await Promise.race([first, sleep(patienceMs, undefined, { signal })]);
  if (early?.ok) return inShort(early);
  if (early) await sleep(pauseMs, undefined, { signal });
  const answers = await Promise.all([first, question()]);
  const good = answers.find(({ ok }) => ok);
  if (good) return inShort(good);
  const [, second] = answers;
  return { ...second, detail: `${inShort(second).detail}, twice` };
}

const inShort = (answer: ProbeResult) => ({ ...answer, detail: answer.detail.slice(0, 100) });
