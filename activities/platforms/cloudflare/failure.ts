import { failures } from '../../../domain/failures.ts';
import { redact } from '../../../domain/policy/redact.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Access } from './access.ts';

export type Problem = {
  status: number;
  codes: number[];
  /** Cloudflare's own words. */
  said: string;
  /** Seconds, as `retry-after` says. */
  after: number | null;
};

/** 10000 and 9109: this token may not; 1000 and 1001: no such token; 6003: not even shaped like one. */
const tokenCodes = new Set([1000, 1001, 6003, 9109, 10000]);
/** No such script, service, account's route. */
const absentCodes = new Set([10007, 10090, 7003]);

export const isTokenCode = (code: number) => tokenCodes.has(code);
export const isAbsent = ({ status, codes }: Problem) =>
  status === 404 && codes.some((code) => code === 10007 || code === 10090);

export const badToken = ({ variable, account }: Access, what: string) =>
  final(
    failures.misconfigured,
    `Cloudflare does not accept the token in ${variable} for ${what}.\n` +
      `It needs "Workers Scripts: Edit" and "Account Analytics: Read" in the account ${account}.\n` +
      `Make one under My Profile > API Tokens, set ${variable} where the worker is started and ` +
      'start it again.',
  );

const nothingThere = ({ account }: Access, what: string) =>
  final(
    failures.misconfigured,
    `Cloudflare has no answer to ${what} in the account ${account} (404).\n` +
      'Check "account" and "worker" in plimsoll.yaml; see the workers of an account with: ' +
      'npx wrangler deployments list --name WORKER',
  );

const waitMs = ({ after }: Problem) => (after !== null && after > 0 ? after : 60) * 1000;

/** An answer of the API that is no success, as a failure of ours. Only reads come here. */
export function cloudflareFailure(problem: Problem, access: Access, what: string): Error {
  const { status, codes, said } = problem;
  if (status === 429) return transient(`Cloudflare limits our calls: ${what}.`, waitMs(problem));
  if (status >= 500) return transient(`Cloudflare is not well (${status}): ${what}.`);
  if (status === 401 || status === 403 || codes.some(isTokenCode)) return badToken(access, what);
  if (status === 404 || codes.some((code) => absentCodes.has(code)))
    return nothingThere(access, what);
  return final(
    failures.rejectedByPlatform,
    `Cloudflare refused ${what} (${[status, ...codes].join(', ')}): ${redact(said) || 'no reason'}`,
  );
}
