import { failures } from '../../domain/deploy/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { retryAfterMs } from '../lib/retry-after.ts';
import { cancellation } from '../lib/temporal-context.ts';
import { named } from './permissions.ts';
import { headerOf, isLimit, isSpent, wordsOf } from './words.ts';
import type { Problem } from './words.ts';

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

/** Returns the milliseconds that Plimsoll must wait, or undefined if no rate limit was reached. */
function waitFor(problem: Problem): number | undefined {
  if (!isLimit(problem)) return undefined;
  const headers = problem.response?.headers ?? {};
  return retryAfterMs(
    (name) => headers[name],
    isSpent(problem) ? { reset: 'epoch', usualMs: 1000 } : {},
  );
}

const usual = named('checks', 'statuses', 'deployments', 'issues');

type Refusal = { words: RegExp; because(variable: string): string; remedy(said: Said): string };
type Said = { asked: Asked; variable: string; needs: string };

const tokenOf = (variable: string) => `the token in ${variable}`;
const restart = (variable: string) =>
  `set ${variable} where the worker is started, and start the worker again.`;

/** The refusals that have their own remedy. The words are GitHub's. */
const refusals: Refusal[] = [
  {
    words: /SAML/,
    because: (variable) => `${tokenOf(variable)} is not authorized for its organization`,
    remedy: () =>
      'At GitHub, open Settings, Developer settings, Personal access tokens, and authorize the ' +
      'token with "Configure SSO". Or use a GitHub App.',
  },
  {
    words: /IP allow list/i,
    because: () => 'the organization does not allow the address of this machine',
    remedy: () =>
      "Add the worker's address to the IP allow list of the organization, or run the worker at an " +
      'address of the list.',
  },
  {
    words: /forbids access via/i,
    because: (variable) => `the organization does not allow the kind of ${tokenOf(variable)}`,
    remedy: ({ variable }) =>
      `Use a GitHub App, or a token of the kind that is allowed: ${restart(variable)}`,
  },
  {
    words: /not accessible by personal access token/i,
    because: (variable) => `${tokenOf(variable)} has no permission`,
    remedy: (said) =>
      /\bchecks\b/.test(said.needs)
        ? 'A fine-grained token cannot read the checks of a private repository. Use a GitHub App, ' +
          `or a classic token with the scope repo: ${restart(said.variable)}`
        : give(said),
  },
  {
    words: /not accessible by integration/i,
    because: (variable) => `the GitHub App of ${variable} has no permission`,
    remedy: ({ asked, needs }) =>
      `Give the App these permissions for ${asked.repository}, and accept them in its ` +
      `installation: ${needs}.`,
  },
];

const give = ({ asked, needs }: Said) => `Give the token access to ${asked.repository}: ${needs}.`;

function denied(problem: Problem, asked: Asked, variable: string): Error {
  const { status = 0 } = problem;
  const said = says(problem);
  if (status === 401)
    return final(
      failures.misconfigured,
      `GitHub refused the request for ${asked.what}, ` +
        `because it does not know ${tokenOf(variable)} (401).${said}\n` +
        `Make a new token, ${restart(variable)}`,
    );
  const words = wordsOf(problem);
  const known = refusals.find((one) => one.words.test(words));
  const because = known?.because(variable) ?? `${tokenOf(variable)} has no permission`;
  // GitHub sends this header to tokens of Apps and to fine-grained tokens.
  const accepted = headerOf(problem, 'x-accepted-github-permissions');
  const needs =
    (asked.needs ?? usual) +
    (accepted === '' ? '' : ` (GitHub asks for ${accepted.slice(0, 100)})`);
  const remedy = (known?.remedy ?? give)({ asked, variable, needs });
  return final(
    failures.misconfigured,
    `GitHub refused the request for ${asked.what}, because ${because} (403).${said}\n${remedy}`,
  );
}

/** GitHub's own words as a sentence, or ''. */
function says(problem: Problem): string {
  const words = wordsOf(problem);
  return words === '' ? '' : ` GitHub says: "${words}".`;
}

/**
 * Turns an error of Octokit into a failure with a message for people. `variable` is the name of the
 * environment variable that contains the token, or the private key of a GitHub App.
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
  if (status === 401 || status === 403) return denied(problem, asked, variable);
  if (problem.response && (status === 404 || status === 422))
    return final(
      failures.misconfigured,
      `GitHub could not answer the request for ${asked.what} (${status}).${says(problem)}\n` +
        `Check that "github" in plimsoll.yaml is right, that ${tokenOf(variable)} ` +
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
