import { z } from 'zod';
import { redact } from '../../../../domain/lib/redact.ts';
import { whoMayDeploy } from '../../../../domain/platforms/vercel/rights.ts';
import { parseAs, parseJson } from '../../../lib/http.ts';
import type { HttpAnswer, NoAnswer } from '../../../lib/http.ts';
import {
  cannot,
  rejected,
  unanswered,
  unreadable,
  vendorFailure,
} from '../../../lib/vendor-failure.ts';
import type { Vendor } from '../../../lib/vendor-failure.ts';

export type Asked = {
  method: 'GET' | 'POST' | 'PATCH';
  /** Path relative to the root of the API, already URL-encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** The requested object, for error texts: "the deployments of barber-crm". */
  what: string;
  /** Name or id of the project, for error texts. */
  project: string;
  /** True if the call makes a change. Even without an answer, the change may have happened. */
  effect: boolean;
  accept?: string;
};

/** `team` is the id (team_…) or slug of the team. undefined means the token's own account. */
export type Account = { variable: string; team: string | undefined };

const Problem = z.object({
  error: z.object({
    code: z.string().optional(),
    message: z.string().optional(),
    invalidToken: z.boolean().optional(),
    missingToken: z.boolean().optional(),
    /** True if the team requires a SAML login before it accepts the token. */
    saml: z.boolean().optional(),
  }),
});
type VercelError = z.infer<typeof Problem>['error'];

const vendor: Vendor = {
  name: 'Vercel',
  unanswered: (what, why) => `Vercel did not answer the request for ${what} (${why}).`,
  reset: 'epoch',
};

function vercelErrorOf(text: string): VercelError {
  const problem = parseAs(Problem, parseJson(text));
  return problem.ok ? problem.data.error : {};
}

const accountOf = ({ team }: Account) =>
  team === undefined ? "the token's own account" : `the team ${team}`;

const reasonOf = ({ code, message }: VercelError) =>
  [code, message && redact(message).replace(/\.$/, '')].filter(Boolean).join(': ') || 'none given';

const isOfToken = (status: number, said: VercelError) =>
  status === 401 || said.invalidToken === true || said.missingToken === true;

/**
 * Makes the failure for 401 and 403. For an expired token, Vercel answers 403 with `invalidToken`.
 * For a valid token, Vercel's error shows what is missing: access to the team, or a role with more
 * rights.
 */
function denied(status: number, said: VercelError, asked: Asked, account: Account) {
  const { variable } = account;
  if (isOfToken(status, said))
    return cannot(
      `Vercel refused the request for ${asked.what}, ` +
        `because it does not know the token in ${variable} (${status}).`,
      `Make a new token in Vercel's account settings, set ${variable} where the worker is started, ` +
        'and start the worker again.',
    );
  return cannot(
    `Vercel refused the request for ${asked.what}, ` +
      `because the token in ${variable} has no permission (403).`,
    `Vercel's reason: ${reasonOf(said)}.`,
    isOfScope(said) ? scopeRemedy(said, account) : roleRemedy(asked, account),
  );
}

/**
 * True if the token cannot see the team. Vercel then says: "Trying to access resource under scope
 * …".
 */
const isOfScope = ({ saml, message }: VercelError) =>
  saml === true || /\bscope\b|re-authenticate/i.test(message ?? '');

function scopeRemedy({ saml }: VercelError, { team, variable }: Account) {
  if (team === undefined)
    return (
      'plimsoll.yaml has no "team", so Plimsoll searched the token\'s own account. Set "team" to the team ' +
      'of the project, or use a token of the account that has the project.'
    );
  const login = saml
    ? ` If the team requires a login by SAML, log in to the team first, then make a new token for ${variable}.`
    : '';
  return `Give the token access to the team ${team}, or correct "team" in plimsoll.yaml.${login}`;
}

const roleRemedy = ({ project }: Asked, { team, variable }: Account) =>
  `The token needs ${team === undefined ? '' : `access to the team ${team}, and `}the rights of ${whoMayDeploy} for ` +
  `${project}. Make a token of such a member, set ${variable} where the worker is started, and start the worker again.`;

const absent = (asked: Asked, account: Account) =>
  cannot(
    `Vercel could not answer the request for ${asked.what} (404).`,
    `Plimsoll searched in ${accountOf(account)}. Check "project" (${asked.project}) and "team" in ` +
      `plimsoll.yaml, and that the token in ${account.variable} may see them.`,
  );

function refused(status: number, said: VercelError, asked: Asked) {
  const plan = status === 402 ? ', not included in the Vercel plan' : '';
  return rejected(
    `Vercel refused the request for ${asked.what} (${status}${plan}).`,
    `Vercel's reason: ${reasonOf(said)}.`,
    `Check the project ${asked.project} in Vercel's dashboard, then deploy again.`,
  );
}

/**
 * Makes the failure if there is no complete answer. The text contains no part of the request.
 */
export const noAnswer = (asked: Asked, { message }: NoAnswer) => unanswered(vendor, asked, message);

/** Makes the failure for an answer with an unexpected status. */
export function failureOf(answer: HttpAnswer, asked: Asked, account: Account): Error {
  const said = vercelErrorOf(answer.text);
  return vendorFailure(vendor, answer, {
    what: asked.what,
    effect: asked.effect,
    denied: (status) => denied(status, said, asked, account),
    absent: () => absent(asked, account),
    refused: (status) => refused(status, said, asked),
  });
}

/** `refused` is the HTTP status. `reason` is Vercel's own text, without secrets. */
export type Refusal = { refused: number; reason: string };

/**
 * Returns the refusal if Vercel refused only this request, with a status of 4xx. Returns null for
 * any other status, if the token is unknown, or if a rate limit is reached.
 */
export function refusalOf({ status, text }: HttpAnswer): Refusal | null {
  const said = vercelErrorOf(text);
  const refused = status >= 400 && status < 500 && ![408, 429].includes(status);
  return refused && !isOfToken(status, said) ? { refused: status, reason: reasonOf(said) } : null;
}

/** Makes the failure for an answer in an unknown form. Such an answer counts as no answer. */
export const unreadableAnswer = (asked: Asked, where: string) => unreadable(vendor, asked, where);
