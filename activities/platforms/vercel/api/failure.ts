import { z } from 'zod';
import { redact } from '../../../../domain/lib/redact.ts';
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
  /** true: the call makes a change. Even without an answer, the change may have happened. */
  effect: boolean;
  accept?: string;
};

/** `team`: id (team_…) or slug of the team; undefined = the token's own account. */
export type Account = { variable: string; team: string | undefined };

const Problem = z.object({
  error: z.object({
    code: z.string().optional(),
    message: z.string().optional(),
    invalidToken: z.boolean().optional(),
    missingToken: z.boolean().optional(),
  }),
});
type VendorError = z.infer<typeof Problem>['error'];

const vendor: Vendor = {
  name: 'Vercel',
  unanswered: (what, why) => `Vercel did not answer the request for ${what} (${why}).`,
  reset: 'epoch',
};

function vendorErrorOf(text: string): VendorError {
  const problem = parseAs(Problem, parseJson(text));
  return problem.ok ? problem.data.error : {};
}

const accountOf = ({ team }: Account) =>
  team === undefined ? "the token's own account" : `the team ${team}`;

/**
 * Makes the failure for 401 and 403. For an expired token Vercel answers 403 and says in the error
 * that the token is not valid.
 */
function denied(status: number, said: VendorError, asked: Asked, account: Account) {
  const { variable } = account;
  if (status === 401 || said.invalidToken || said.missingToken)
    return cannot(
      `Vercel refused the request for ${asked.what}, ` +
        `because it does not know the token in ${variable} (${status}).`,
      `Make a new token in Vercel's account settings, set ${variable} where the worker is started, ` +
        'and start the worker again.',
    );
  return cannot(
    `Vercel refused the request for ${asked.what}, ` +
      `because the token in ${variable} has no permission (403).`,
    account.team
      ? `Give the token access to the team ${account.team}, or correct "team" in plimsoll.yaml.`
      : 'plimsoll.yaml has no "team", so Plimsoll searched the token\'s own account. Set "team" to the team ' +
          'of the project, or use a token of the account that has the project.',
  );
}

const absent = (asked: Asked, account: Account) =>
  cannot(
    `Vercel could not answer the request for ${asked.what} (404).`,
    `Plimsoll searched in ${accountOf(account)}. Check "project" (${asked.project}) and "team" in ` +
      `plimsoll.yaml, and that the token in ${account.variable} may see them.`,
  );

function refused(status: number, said: VendorError, asked: Asked) {
  const why = [said.code, said.message && redact(said.message).replace(/\.$/, '')]
    .filter(Boolean)
    .join(': ');
  const plan = status === 402 ? ', not included in the Vercel plan' : '';
  return rejected(
    `Vercel refused the request for ${asked.what} (${status}${plan}).`,
    `Vercel's reason: ${why || 'none given'}.`,
    `Check the project ${asked.project} in Vercel's dashboard, then deploy again.`,
  );
}

/**
 * Makes the failure if no answer came or the answer broke off. The text contains nothing that was
 * sent.
 */
export const noAnswer = (asked: Asked, { message }: NoAnswer) => unanswered(vendor, asked, message);

/** Makes the failure for an answer with an unexpected status. */
export function failureOf(answer: HttpAnswer, asked: Asked, account: Account): Error {
  const said = vendorErrorOf(answer.text);
  return vendorFailure(vendor, answer, {
    what: asked.what,
    effect: asked.effect,
    denied: (status) => denied(status, said, asked, account),
    absent: () => absent(asked, account),
    refused: (status) => refused(status, said, asked),
  });
}

/** Makes the failure for an answer in an unknown form. Such an answer counts as no answer. */
export const unreadableAnswer = (asked: Asked, where: string) => unreadable(vendor, asked, where);
