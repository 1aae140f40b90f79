import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from './access.ts';
import { createSafeFetch } from './safe-fetch/safe-fetch.ts';

/**
 * One address and what it must answer. `what`: the name for people, such as "core". `against`:
 * returns why the body of a 2xx answer is wrong; null = the body is right. Absent = every body is
 * right. `only2xx` false: an answer that is not 2xx, or no answer, is right as well, because it
 * contradicts nothing.
 */
export type Question = {
  what: string;
  host: string;
  url: string;
  against?: (body: string) => string | null;
  only2xx?: boolean;
};

/** The answers to one question. `problem` null = the address answered well often enough. */
export type Repeated = Question & { requests: number; failures: number; problem: string | null };

type Pace = {
  /** Pause between two rounds; `confirmMs` if an answer of the last round was wrong. */
  pauseMs: number;
  confirmMs: number;
  /** No request starts after this time, in epoch ms. */
  until: number;
  signal: AbortSignal | undefined;
  access: Access;
};

/** So many right answers in a row prove an address that never failed. */
export const enough = 20;
/** More right answers in a row are never needed. */
const most = 60;
/** The longest wait for one answer, in milliseconds. */
const answerMs = 5000;

type Asked = { requests: number; failures: number; streak: number; why: string };

/**
 * After a wrong answer, an address must answer well three times as long as it needed until then. So
 * a slow start is forgiven, but a share of bad processes behind one address is not.
 */
const needed = ({ requests, streak, failures }: Asked) =>
  failures === 0 ? enough : Math.min(most, Math.max(enough, 3 * (requests - streak)));

/**
 * Sends each question again and again, each time over a new connection, until all answers are right
 * often enough, or until the time is over. Throws only if `signal` fires.
 */
export async function askRepeatedly(questions: readonly Question[], pace: Pace) {
  const asked = questions.map((question) => ({
    question,
    state: { requests: 0, failures: 0, streak: 0, why: 'it was never asked' } as Asked,
  }));
  for (;;) {
    const open = asked.filter(({ state }) => state.streak < needed(state));
    if (open.length === 0 || Date.now() >= pace.until) break;
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

/** A new client for each request: no connection is used twice. */
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
