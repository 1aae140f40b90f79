import { githubPermissionWords } from '../services/github-permissions.ts';
import type { GithubPermission } from '../services/github-permissions.ts';

/** Returns the permissions as one text, such as "checks (read), issues (write)". */
export const named = (...needed: GithubPermission[]) =>
  needed.map(githubPermissionWords).join(', ');

/** The facts about a request that GitHub refused with 403. */
export type Refused = {
  /** GitHub's own words. */
  words: string;
  repository: string;
  /** The environment variable with the token, or with the private key of the GitHub App. */
  variable: string;
  /** The permissions that the request needs. */
  needs: string;
  /** The permissions that GitHub named in its answer, such as "checks=read"; '' = none. */
  accepted: string;
};

type Cause = {
  words: RegExp;
  because(refused: Refused): string;
  remedy(refused: Refused): string;
};

const tokenOf = ({ variable }: Refused) => `the token in ${variable}`;
const restart = ({ variable }: Refused) =>
  `set ${variable} where the worker is started, and start the worker again.`;
const asked = ({ needs, accepted }: Refused) =>
  accepted === '' ? needs : `${needs} (GitHub asks for ${accepted})`;

const unknownCause: Omit<Cause, 'words'> = {
  because: (it) => `${tokenOf(it)} has no permission`,
  remedy: (it) => `Give the token access to ${it.repository}: ${asked(it)}.`,
};

/** The refusals that have their own remedy. `words` matches GitHub's text. */
const causes: Cause[] = [
  {
    words: /SAML/,
    because: (it) => `${tokenOf(it)} is not authorized for its organization`,
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
    because: (it) => `the organization does not allow the kind of ${tokenOf(it)}`,
    remedy: (it) => `Use a GitHub App, or a token of the kind that is allowed: ${restart(it)}`,
  },
  {
    words: /not accessible by personal access token/i,
    because: unknownCause.because,
    remedy: (it) =>
      it.needs.includes(named('checks'))
        ? 'A fine-grained token cannot read the checks of a private repository. Use a GitHub App, ' +
          `or a classic token with the scope repo: ${restart(it)}`
        : unknownCause.remedy(it),
  },
  {
    words: /not accessible by integration/i,
    because: ({ variable }) => `the GitHub App of ${variable} has no permission`,
    remedy: (it) =>
      `Give the App these permissions for ${it.repository}, and accept them in its ` +
      `installation: ${asked(it)}.`,
  },
];

/** Returns the reason why GitHub refused a request, and the remedy. */
export function refusalWords(refused: Refused): { because: string; remedy: string } {
  const { because, remedy } = causes.find(({ words }) => words.test(refused.words)) ?? unknownCause;
  return { because: because(refused), remedy: remedy(refused) };
}

/**
 * Returns the text about rules of a branch that could not be read. If the owner of the token is no
 * administrator, GitHub answers "Not Found" to a request for the branch protection.
 */
export const unreadRules = (part: 'rulesets' | 'branch protection', words: string) =>
  part === 'branch protection' && /^404: Not Found$/i.test(words)
    ? `${part}: ${words}; only an administrator of the repository can read it`
    : `${part}: ${words}`;
