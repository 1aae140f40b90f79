import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities } from '../domain/activities.ts';
import type { DependencyReport } from '../domain/plan.ts';
import { cancellation } from './git/pulse.ts';
import { probe } from './probe.ts';
import type { ProbeResult } from './probe.ts';

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
    Promise.all(dependencies.map((url) => askTwice(url, ask, cancellation()))),
});

async function askTwice(
  url: string,
  ask: typeof probe,
  signal: AbortSignal | undefined,
): Promise<DependencyReport> {
  const until = performance.now() + boundMs;
  const question = () =>
    ask(url, { timeoutMs: Math.max(1, Math.floor(until - performance.now())), signal });
  const first = question();
  const early = await Promise.race([first, sleep(patienceMs, undefined, { signal })]);
  if (early?.ok) return reportOf(url, early);
  if (early) await sleep(pauseMs, undefined, { signal });
  const answers = await Promise.all([first, question()]);
  const good = answers.find(({ ok }) => ok);
  return good ? reportOf(url, good) : { url, ok: false, detail: `${words(answers[1])}, twice` };
}

const words = ({ detail }: ProbeResult) => detail.slice(0, 100);
const reportOf = (url: string, answer: ProbeResult): DependencyReport => ({
  url,
  ok: answer.ok,
  detail: words(answer),
});
