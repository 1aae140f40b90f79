import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { retryAfterMs } from '../lib/retry-after.ts';
import { cancellation } from '../lib/temporal-context.ts';
import { named, refusalWords } from '../../domain/messages/github-refusal.ts';
import { headerOf, isLimit, isSpent, wordsOf } from './words.ts';
import type { Problem } from './words.ts';

export type Asked = {
  /**
   * The thing that was requested, as a text for people, such as "the checks of acme/shop at
   * 1a2b3c4".
   */
  what: string;
  repository: string;
  /**
   * True if the call changes something at GitHub. Then a call without an answer may have succeeded.
   */
  effect: boolean;
  /**
   * The permissions that the token needs. If absent, the message names the permissions in `usual`.
   */
  needs?: string;
};

/**
 * Returns how many milliseconds Plimsoll must wait. Returns undefined if no rate limit was reached.
 */
function waitFor(problem: Problem): number | undefined {
  if (!isLimit(problem)) return undefined;
  const headers = problem.response?.headers ?? {};
  return retryAfterMs(
    (name) => headers[name],
    isSpent(problem) ? { reset: 'epoch', usualMs: 1000 } : {},
  );
}

const usual = named('checks', 'statuses', 'deployments', 'issues');

function denied(problem: Problem, asked: Asked, variable: string): Error {
  const { what, repository, needs = usual } = asked;
  if (problem.status === 401)
    return final(
      failures.misconfigured,
      `GitHub refused the request for ${what}, ` +
        `because it does not know the token in ${variable} (401).${says(problem)}\n` +
        `Make a new token, set ${variable} where the worker is started, ` +
        'and start the worker again.',
    );
  // GitHub sends this header if the token belongs to an App, or if it is a fine-grained token.
  const accepted = headerOf(problem, 'x-accepted-github-permissions').slice(0, 100);
  const words = wordsOf(problem);
  const { because, remedy } = refusalWords({ words, repository, variable, needs, accepted });
  return final(
    failures.misconfigured,
    `GitHub refused the request for ${what}, because ${because} (403).${says(problem)}\n${remedy}`,
  );
}

/** Returns a sentence that quotes GitHub's reason, or '' if GitHub gave no reason. */
function says(problem: Problem): string {
  const words = wordsOf(problem);
  return words === '' ? '' : ` GitHub says: "${words}".`;
}

/**
 * Turns an error of Octokit into a failure with a message for people. An error that is already a
 * failure is not changed. `variable` is the name of the environment variable that contains the
 * token, or the private key of a GitHub App.
 */
export function githubFailure(cause: unknown, asked: Asked, variable: string): Error {
  const signal = cancellation();
  if (signal?.aborted) return signal.reason as Error;
  if (cause instanceof ApplicationFailure) return cause;
  const problem = cause as Problem;
  const { status = 0 } = problem;
  const wait = waitFor(problem);
  if (wait !== undefined)
    return transient(
      `GitHub has a limit for requests and refused the request for ${asked.what}.`,
      wait,
    );
  if (status === 401 || status === 403) return denied(problem, asked, variable);
  if (problem.response && (status === 404 || status === 422))
    return final(
      failures.misconfigured,
      `GitHub could not answer the request for ${asked.what} (${status}).${says(problem)}\n` +
        `Check that "github" in plimsoll.yaml is right, that the token in ${variable} ` +
        `has the permission${asked.needs ? ` (${asked.needs})` : ''}, ` +
        'and that the commit is pushed.',
    );
  if (problem.response && status >= 300 && status < 400)
    return final(
      failures.misconfigured,
      `GitHub says that ${asked.what} moved to another address (${status}).\n` +
        `Check that "github" in plimsoll.yaml is the present name of ${asked.repository}.`,
    );
  const why = problem.response ? `HTTP ${status}` : 'no answer';
  const text = `GitHub did not complete the request for ${asked.what} (${why}).`;
  return asked.effect ? unknown(text) : transient(text);
}
