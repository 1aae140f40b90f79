import { transient } from '../../lib/fail.ts';

/** What a call is for: only a restore may use the last calls of the hour. */
export type Purpose = 'deploy' | 'restore';
export type Pause = {
  ms: number;
  /** Why it is longer than usual, for people. */ slow: string | null;
};

/** Northflank counts the calls of an account by the hour; everything this worker asks it shares one. */
export type Budget = {
  /** From every answer: x-ratelimit-limit, -remaining, and -reset in seconds to go. */
  learn(headers: Headers): void;
  /** Throws transient, with the wait, where what is left belongs to a restore. */
  spend(purpose: Purpose, what: string): void;
  /** Until the next look of this poller; `calls` is what one look costs. */
  pause(purpose: Purpose, calls?: number): Pause;
  /** Counts one more poller until the returned function is called. */
  poller(): () => void;
};

/** Between two looks of one poller, never less. */
export const usualPauseMs = 15_000;
/** Of every 100 calls; 100 of 1000 are two restores with their proofs. */
const reservePercent = 10;
/** A reset that is told as 0 s is still ahead. */
const leastWaitMs = 1000;
const mostWaitMs = 60 * 60_000;

type Known = { limit: number; remaining: number; resetAt: number };
type Deps = {
  /** A sandbox waits that many times less. */
  timeScale?: number;
  now?: () => number;
};

const usual: Pause = { ms: usualPauseMs, slow: null };

const numberIn = (headers: Headers, name: string): number => {
  const text = headers.get(name);
  return text === null || text.trim() === '' ? NaN : Number(text);
};

/** Milliseconds that an answer asks us to wait. */
export function waitOf(headers: Headers): number {
  const after = numberIn(headers, 'retry-after');
  const seconds = after > 0 ? after : numberIn(headers, 'x-ratelimit-reset');
  if (!Number.isFinite(seconds)) return 60_000;
  return Math.min(Math.max(seconds * 1000, leastWaitMs), mostWaitMs);
}

const inWords = (ms: number) =>
  ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

const calls = (count: number) => `${count} more ${count === 1 ? 'call' : 'calls'}`;

const left = ({ remaining }: Known, ms: number) =>
  `Northflank allows ${calls(remaining)} in the next ${inWords(ms)}`;

const known = (headers: Headers, now: number): Known | null => {
  const limit = numberIn(headers, 'x-ratelimit-limit');
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  if (!Number.isFinite(limit) || !Number.isFinite(remaining)) return null;
  return { limit, remaining, resetAt: now + waitOf(headers) };
};

const spare = ({ remaining, limit }: Known, purpose: Purpose) =>
  purpose === 'restore' ? remaining : remaining - Math.ceil((limit * reservePercent) / 100);

/** What is left is spread over the rest of the hour; `looks` = how often this poller may look. */
function paced(state: Known, untilReset: number, looks: number): Pause {
  const ms = looks < 1 ? untilReset : Math.ceil(untilReset / looks);
  if (ms <= usualPauseMs) return usual;
  const slow = `${left(state, untilReset)}: the next look is in ${inWords(ms)}.`;
  return { ms, slow };
}

export function createBudget({ timeScale = 1, now = Date.now }: Deps = {}): Budget {
  let newest: Known | null = null;
  let pollers = 0;
  const current = () => (newest && newest.resetAt > now() ? newest : null);
  return {
    learn(headers) {
      newest = known(headers, now()) ?? newest;
    },
    spend(purpose, what) {
      const state = current();
      if (!state || purpose === 'restore' || spare(state, purpose) > 0) return;
      const wait = state.resetAt - now();
      throw transient(`${left(state, wait)}; they are kept for a restore, so ${what} waits.`, wait);
    },
    pause(purpose, cost = 1) {
      const state = current();
      const looks = state ? spare(state, purpose) / (Math.max(pollers, 1) * cost) : 0;
      const { ms, slow } = state ? paced(state, state.resetAt - now(), looks) : usual;
      return { ms: ms / timeScale, slow };
    },
    poller() {
      pollers += 1;
      return () => void (pollers -= 1);
    },
  };
}
