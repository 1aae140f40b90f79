import { z } from 'zod';
import { failures } from '../../../domain/failures.ts';
import { redact } from '../../../domain/policy/redact.ts';
import { final, transient, unknown } from '../../lib/fail.ts';

export type Asked = {
  method: 'GET' | 'POST' | 'PATCH';
  /** Below the API's root, its parts already encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** What was asked, for people: "the deployments of barber-crm". */
  what: string;
  /** As plimsoll.yaml names it. */
  project: string;
  /** True: the effect may have happened although no answer came. */
  effect: boolean;
  accept?: string;
};

/** `team`: team_… or its slug; undefined = the token's own account. */
export type Account = { variable: string; team: string | undefined };

const Problem = z.object({
  error: z.object({
    code: z.string().optional(),
    message: z.string().optional(),
    invalidToken: z.boolean().optional(),
    missingToken: z.boolean().optional(),
  }),
});
type Told = z.infer<typeof Problem>['error'];

function told(body: string): Told {
  try {
    return Problem.parse(JSON.parse(body)).error;
  } catch {
    return {};
  }
}

const mostWaitMs = 60 * 60_000;

/** Vercel says when its window ends, in epoch seconds. */
function waitMs(headers: Headers, now: number): number {
  const after = Number(headers.get('retry-after'));
  if (after > 0) return Math.min(after * 1000, mostWaitMs);
  const reset = Number(headers.get('x-ratelimit-reset'));
  if (!(reset > 0)) return 60_000;
  return Math.min(Math.max(reset * 1000 - now, 1000), mostWaitMs);
}

const cannot = (...lines: string[]) => final(failures.misconfigured, lines.join('\n'));
const rejected = (...lines: string[]) => final(failures.rejectedByPlatform, lines.join('\n'));
const accountOf = ({ team }: Account) =>
  team === undefined ? "the token's own account" : `the team ${team}`;

/** An expired token is a 403 that says so, not a 401. */
function denied(status: number, said: Told, asked: Asked, account: Account) {
  const { variable } = account;
  if (status === 401 || said.invalidToken || said.missingToken)
    return cannot(
      `Vercel does not know the token in ${variable} (${status}), so it did not do this: ${asked.what}.`,
      `Make a new one in Vercel's account settings, set ${variable} where the worker is started ` +
        'and start it again.',
    );
  return cannot(
    `The token in ${variable} may not do this at Vercel (403): ${asked.what}.`,
    `Give it the scope of ${accountOf(account)}, or correct "team" in plimsoll.yaml.`,
  );
}

const absent = (asked: Asked, account: Account) =>
  cannot(
    `Vercel does not have this (404): ${asked.what}.`,
    `It was looked for in ${accountOf(account)}. Check "project" (${asked.project}) and "team" in ` +
      `plimsoll.yaml, and that the token in ${account.variable} may see them.`,
  );

function refused(status: number, said: Told, asked: Asked) {
  const why = [said.code, said.message && redact(said.message).replace(/\.$/, '')]
    .filter(Boolean)
    .join(': ');
  const plan = status === 402 ? ', the plan does not include it' : '';
  return rejected(
    `Vercel refused this (${status}${plan}): ${asked.what}.`,
    `It says: ${why || 'nothing more'}.`,
    `Look at the project ${asked.project} in Vercel's dashboard, then deploy again.`,
  );
}

const lost = (asked: Asked, why: string) => {
  const text = `Vercel did not answer (${why}): ${asked.what}.`;
  return asked.effect ? unknown(text) : transient(text);
};

/** No answer came, or it broke off. Nothing of the request is in the text. */
export const noAnswer = (asked: Asked, cause: unknown) =>
  lost(asked, (cause as Error).name === 'TimeoutError' ? 'not in time' : 'no connection');

/** An answer came that is none of the expected ones. */
export function failureOf(answer: Response, body: string, asked: Asked, account: Account): Error {
  const { status, headers } = answer;
  if (status === 429)
    return transient(`Vercel limits our calls: ${asked.what}.`, waitMs(headers, Date.now()));
  const said = told(body);
  if (status === 401 || status === 403) return denied(status, said, asked, account);
  if (status === 404) return absent(asked, account);
  if (status >= 400 && status < 500 && status !== 408) return refused(status, said, asked);
  return lost(asked, `HTTP ${status}`);
}

/** What we read must be there: a shape that we do not know is no answer. */
export const unreadable = (asked: Asked, where: string) => {
  const text = `Vercel answered in an unknown form (${where}): ${asked.what}.`;
  return asked.effect ? unknown(text) : transient(text);
};
