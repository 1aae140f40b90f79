import { failures } from '../../domain/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { cancellation } from '../git/pulse.ts';

export type Asked = {
  /** What was asked, for people: "the checks of acme/shop at 1a2b3c4". */
  what: string;
  repository: string;
  /** True: the effect may have happened although no answer came. */
  effect: boolean;
  /** What the token needs for it; default: what gates and issues need. */
  needs?: string;
};

type Problem = {
  status?: number;
  message?: string;
  response?: { headers?: Record<string, string | number | undefined> };
};

/** Milliseconds that GitHub asks us to wait; undefined = it did not limit us. */
function waitFor({ status, response }: Problem): number | undefined {
  const headers = response?.headers ?? {};
  const after = Number(headers['retry-after']);
  if (Number.isFinite(after) && after > 0) return after * 1000;
  if (status === 429) return 60_000;
  if (status !== 403 || String(headers['x-ratelimit-remaining']) !== '0') return undefined;
  const reset = Number(headers['x-ratelimit-reset']) * 1000 - Date.now();
  return Math.min(Math.max(reset, 1000), 60 * 60_000);
}

const usual = 'checks, commit statuses and contents (read), deployments and issues (write)';

const denied = ({ what, repository, needs = usual }: Asked, variable: string, status: number) =>
  final(
    failures.misconfigured,
    status === 401
      ? `GitHub does not know the token in ${variable} (401), so ${what} cannot be had.\n` +
          `Make a new token, set ${variable} where the worker is started and start it again.`
      : `The token in ${variable} may not do this at GitHub (403): ${what}.\n` +
          `Give it access to ${repository}: ${needs}.`,
  );

/** An Octokit error as a failure of ours; `variable` names where the token comes from. */
export function githubFailure(cause: unknown, asked: Asked, variable: string): Error {
  const signal = cancellation();
  if (signal?.aborted) return signal.reason as Error;
  const problem = cause as Problem;
  const { status = 0 } = problem;
  const wait = waitFor(problem);
  if (wait !== undefined) return transient(`GitHub limits our calls: ${asked.what}.`, wait);
  if (status === 401 || status === 403) return denied(asked, variable, status);
  if (problem.response && (status === 404 || status === 422))
    return final(
      failures.misconfigured,
      `GitHub has no answer to ${asked.what} (${status}).\n` +
        `Check "github" in plimsoll.yaml, that ${variable} may see it${asked.needs ? ` (${asked.needs})` : ''}, and that the commit is pushed.`,
    );
  const why = problem.response ? `HTTP ${status}` : 'no answer';
  const text = `GitHub did not do it (${why}): ${asked.what}.`;
  return asked.effect ? unknown(text) : transient(text);
}
