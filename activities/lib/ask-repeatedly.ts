import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from './access.ts';
import { createSafeFetch } from './safe-fetch/safe-fetch.ts';
import { steadyNow } from './clocks.ts';

/**
 * An address and the expected answer. `what` is the name for people, such as "core". `against`
 * returns the reason why the body of a 2xx answer is wrong, or null if the body is right. Without
 * `against`, every body is right. If `only2xx` is false, the answer is also right if it is missing
 * or has another status.
 */
export type Question = {
  what: string;
  host: string;
  url: string;
  against?: (body: string) => string | null;
  only2xx?: boolean;
};

/** The result of one question. `problem` is null if the address gave enough right answers. */
export type Repeated = Question & { requests: number; failures: number; problem: string | null };

type Pace = {
  /** Pause between two rounds, in milliseconds. */
  pauseMs: number;
  /** Pause after a round with a wrong answer, in milliseconds. */
  confirmMs: number;
  /** No request starts after this time, in epoch ms. */
  until: number;
  signal: AbortSignal | undefined;
  access: Access;
};

/** The number of right answers in a row that proves an address which never failed. */
export const enough = 20;
/** The largest number of right answers in a row that an address must give. */
const most = 60;
/** The longest wait for one answer, in milliseconds. */
const answerMs = 5000;

type Asked = { requests: number; failures: number; streak: number; why: string };

/**
 * Returns the number of right answers in a row that proves an address. After a failure, this is
 * three times the number of requests up to the last failure. So a slow start is no problem, but one
 * bad process among several is found.
 */
const needed = ({ requests, streak, failures }: Asked) =>
  failures === 0 ? enough : Math.min(most, Math.max(enough, 3 * (requests - streak)));

/**
 * Asks each question many times, each time over a new connection. Stops when every address gave
 * enough right answers in a row, or when the time is over. Throws only if `signal` fires.
 */
export async function askRepeatedly(questions: readonly Question[], pace: Pace) {
  const asked = questions.map((question) => ({
    question,
    state: { requests: 0, failures: 0, streak: 0, why: 'it was never asked' } as Asked,
  }));
  for (;;) {
    const open = asked.filter(({ state }) => state.streak < needed(state));
    if (open.length === 0 || steadyNow() >= pace.until) break;
    const wrong = await Promise.all(open.map((one) => askOnce(one, pace)));
    const pause = wrong.some(Boolean) ? pace.confirmMs : pace.pauseMs;
    await sleep(pause, undefined, { signal: pace.signal });
  }
  return asked.map(({ question, state }): Repeated => {
    const { requests, failures } = state;
    const problem = state.streak < needed(state) ? problemOf(question, state) : null;
    return { ...question, requests, failures, problem };
  });
}

/** Returns true if the answer is wrong. */
async function askOnce({ question, state }: { question: Question; state: Asked }, pace: Pace) {
  const why = await wrongWith(question, pace);
  state.requests += 1;
  if (why === null) state.streak += 1;
  else Object.assign(state, { streak: 0, failures: state.failures + 1, why });
  return why !== null;
}

/** Makes a new client for each request, because each request must use a new connection. */
async function wrongWith(question: Question, { signal, access }: Pace) {
  const { url, against, only2xx = true } = question;
  const { headers = {}, certificates = [] } = access;
  const fetch = createSafeFetch({ configured: [url], certificates });
  const answer = await fetch(url, {
    timeoutMs: answerMs,
    signal,
    leaveOrigin: false,
    headers: { ...headers, connection: 'close' },
  });
  if (!answer.answered) return only2xx ? answer.why : null;
  const { status, body } = answer;
  if (status >= 200 && status < 300) return against?.(body) ?? null;
  return only2xx ? `it answered ${status}` : null;
}

const problemOf = ({ what, host, url }: Question, { requests, failures, why }: Asked) =>
  failures === 0
    ? `${what} on ${host}: ${url} was asked only ${requests} times before the time was over`
    : `${what} on ${host}: ${url} failed ${failures} of ${requests} requests, the last time: ${why}`;
