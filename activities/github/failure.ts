import { failures } from '../../domain/deploy/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { retryAfterMs } from '../lib/retry-after.ts';
import { cancellation } from '../lib/temporal-context.ts';

export type Asked = {
  /** The thing that was requested, in words for people: "the checks of acme/shop at 1a2b3c4". */
  what: string;
  repository: string;
  /**
   * true: the call changes something at GitHub. If no answer came, the change may have happened
   * anyway.
   */
  effect: boolean;
  /**
   * The permissions that the token needs. If this is absent, the message names the permissions in
   * `usual`.
   */
  needs?: string;
};

type Problem = {
  status?: number;
  message?: string;
  response?: { headers?: Record<string, string | number | undefined> };
};

/** Returns the milliseconds that Plimsoll must wait, or undefined if no rate limit was reached. */
function waitFor({ status, response }: Problem): number | undefined {
  const headers = response?.headers ?? {};
  const after = Number(headers['retry-after']);
  const spent = status === 403 && String(headers['x-ratelimit-remaining']) === '0';
  if (status !== 429 && !(after > 0) && !spent) return undefined;
  return retryAfterMs((name) => headers[name], spent ? { reset: 'epoch', usualMs: 1000 } : {});
}

const usual = 'checks, commit statuses and contents (read), deployments and issues (write)';

const denied = ({ what, repository, needs = usual }: Asked, variable: string, status: number) =>
  final(
    failures.misconfigured,
    status === 401
      ? `GitHub refused the request for ${what}, ` +
          `because it does not know the token in ${variable} (401).\n` +
          `Make a new token, set ${variable} where the worker is started, ` +
          'and start the worker again.'
      : `GitHub refused the request for ${what}, ` +
          `because the token in ${variable} has no permission (403).\n` +
          `Give the token access to ${repository}: ${needs}.`,
  );

/**
 * Turns an error of Octokit into a failure with a message for people. `variable` is the name of the
 * environment variable that contains the token.
 */
export function githubFailure(cause: unknown, asked: Asked, variable: string): Error {
  const signal = cancellation();
  if (signal?.aborted) return signal.reason as Error;
  const problem = cause as Problem;
  const { status = 0 } = problem;
  const wait = waitFor(problem);
  if (wait !== undefined)
    return transient(
      `GitHub has a limit for requests and refused the request for ${asked.what}.`,
      wait,
    );
  if (status === 401 || status === 403) return denied(asked, variable, status);
  if (problem.response && (status === 404 || status === 422))
    return final(
      failures.misconfigured,
      `GitHub could not answer the request for ${asked.what} (${status}).\n` +
        `Check that "github" in plimsoll.yaml is right, that the token in ${variable} ` +
        `has the permission${asked.needs ? ` (${asked.needs})` : ''}, ` +
        'and that the commit is pushed.',
    );
  const why = problem.response ? `HTTP ${status}` : 'no answer';
  const text = `GitHub did not complete the request for ${asked.what} (${why}).`;
  return asked.effect ? unknown(text) : transient(text);
}
