import { transient } from '../../../lib/fail.ts';
import { retryAfterMs } from '../../../lib/retry-after.ts';

/** The purpose of a call. Only a rollback may use the last calls of the hour. */
export type Purpose = 'deploy' | 'rollback';
type Pause = {
  ms: number;
  /**
   * The reason for people if the pause is longer than usual. null means that the pause is not
   * longer.
   */
  slow: string | null;
};

/**
 * Northflank limits the calls of an account per hour. All calls of this worker with the same token
 * share one budget.
 */
export type Budget = {
  /**
   * Reads the limits from the headers of an answer: x-ratelimit-limit, x-ratelimit-remaining, and
   * x-ratelimit-reset (seconds from now).
   */
  learn(headers: Headers): void;
  /**
   * Throws a transient failure if all remaining calls are reserved for a rollback. The failure
   * contains the time to wait.
   */
  spend(purpose: Purpose, what: string): void;
  /**
   * Returns the pause before the next read of a poller. A poller is a loop that reads until a
   * result appears. `calls` is the number of API calls of one read.
   */
  pause(purpose: Purpose, calls?: number): Pause;
  /** Registers a poller. The returned function removes the poller. */
  poller(): () => void;
};

/** The shortest pause between two reads of one poller. */
const usualPauseMs = 15_000;
/**
 * The calls that are reserved for rollbacks, in percent of the limit. 100 of 1000 calls are enough
 * to make and prove two rollbacks.
 */
const reservePercent = 10;

type Known = { limit: number; remaining: number; resetAt: number };
type Deps = {
  /** The factor by which a sandbox divides its pauses. Default: 1. */
  timeScale?: number;
  now?: () => number;
};

const usual: Pause = { ms: usualPauseMs, slow: null };

const numberIn = (headers: Headers, name: string): number => {
  const text = headers.get(name);
  return text === null || text.trim() === '' ? NaN : Number(text);
};

const inWords = (ms: number) =>
  ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

const calls = (count: number) => `${count} more ${count === 1 ? 'call' : 'calls'}`;

const left = ({ remaining }: Known, ms: number) =>
  `Northflank allows ${calls(remaining)} in the next ${inWords(ms)}`;

const known = (headers: Headers, now: number): Known | null => {
  const limit = numberIn(headers, 'x-ratelimit-limit');
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  if (!Number.isFinite(limit) || !Number.isFinite(remaining)) return null;
  return {
    limit,
    remaining,
    resetAt: now + retryAfterMs((name) => headers.get(name), { reset: 'to go' }),
  };
};

const spare = ({ remaining, limit }: Known, purpose: Purpose) =>
  purpose === 'rollback' ? remaining : remaining - Math.ceil((limit * reservePercent) / 100);

/**
 * Returns a pause that spreads the remaining reads of this poller over the time until the reset.
 */
function paced(state: Known, untilReset: number, reads: number): Pause {
  const ms = reads < 1 ? untilReset : Math.ceil(untilReset / reads);
  if (ms <= usualPauseMs) return usual;
  const slow = `${left(state, untilReset)}: the next read is in ${inWords(ms)}.`;
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
      if (!state || purpose === 'rollback' || spare(state, purpose) > 0) return;
      const wait = state.resetAt - now();
      throw transient(
        `${left(state, wait)}. These calls are kept for a rollback, so the request for ${what} waits.`,
        wait,
      );
    },
    pause(purpose, cost = 1) {
      const state = current();
      const reads = state ? spare(state, purpose) / (Math.max(pollers, 1) * cost) : 0;
      const { ms, slow } = state ? paced(state, state.resetAt - now(), reads) : usual;
      return { ms: ms / timeScale, slow };
    },
    poller() {
      pollers += 1;
      return () => void (pollers -= 1);
    },
  };
}
