import { failures } from '../../../../domain/deploy/failures.ts';
import { always, permissionWords } from '../../../../domain/platforms/cloudflare/permissions.ts';
import type { Permission } from '../../../../domain/platforms/cloudflare/permissions.ts';
import { redact } from '../../../../domain/lib/redact.ts';
import { final } from '../../../lib/fail.ts';
import { unanswered, unreadable, vendorFailure } from '../../../lib/vendor-failure.ts';
import type { Vendor } from '../../../lib/vendor-failure.ts';
import type { Access } from './access.ts';

export type Problem = {
  status: number;
  codes: number[];
  /** Cloudflare's own error text. */
  said: string;
  headers: Headers;
};

/**
 * Codes about the token. 10000, 9109: no permission. 1000, 1001: unknown token. 6003: wrong format.
 */
const tokenCodes = new Set([1000, 1001, 6003, 9109, 10000]);
/** Codes for a script, service or route that the account does not have. */
const absentCodes = new Set([10007, 10090, 7003]);

export const isTokenCode = (code: number) => tokenCodes.has(code);
export const isAbsent = ({ status, codes }: Problem) =>
  status === 404 && codes.some((code) => code === 10007 || code === 10090);

/** `needed` lists the permissions that the request for `what` needs. */
export const badToken = (
  { variable, account }: Access,
  what: string,
  needed: readonly Permission[] = always,
) =>
  final(
    failures.misconfigured,
    `Cloudflare does not accept the token in ${variable} for ${what}.\n` +
      `It needs ${permissionWords(needed, account)}.\n` +
      `Make a token under My Profile > API Tokens, set ${variable} where the worker is started, and ` +
      'start the worker again.',
  );

const nothingThere = ({ account }: Access, what: string) =>
  final(
    failures.misconfigured,
    `Cloudflare does not find ${what} in the account ${account} (404).\n` +
      'Check "account" and "worker" in plimsoll.yaml. To see whether the account has the worker: ' +
      'npx wrangler deployments list --name WORKER',
  );

const vendor: Vendor = {
  name: 'Cloudflare',
  unanswered: (what, why) => {
    const [, status] = /^HTTP (\d+)$/.exec(why) ?? [];
    return status === undefined
      ? `Cloudflare did not answer the request for ${what}.`
      : `Cloudflare could not answer the request for ${what} (${status}).`;
  },
};

/**
 * `effect` is false, because Plimsoll only reads with the API. Plimsoll makes changes with
 * wrangler.
 */
const read = (what: string) => ({ what, effect: false });

export const noAnswer = (what: string) => unanswered(vendor, read(what), 'no connection');

export const unknownForm = (what: string, where: string) =>
  unreadable(vendor, read(what), `"${where}"`);

/** Makes a failure from an unsuccessful answer of the API. */
export function cloudflareFailure(
  problem: Problem,
  access: Access,
  what: string,
  needed: readonly Permission[] = ['scripts'],
): Error {
  const { status, codes, said } = problem;
  const denied = () => badToken(access, what, needed);
  const refused = () => {
    if (codes.some(isTokenCode)) return denied();
    if (codes.some((code) => absentCodes.has(code))) return nothingThere(access, what);
    return final(
      failures.rejectedByPlatform,
      `Cloudflare refused the request for ${what} (${[status, ...codes].join(', ')}): ${redact(said) || 'no reason'}`,
    );
  };
  if (status < 300) return refused();
  return vendorFailure(vendor, problem, {
    ...read(what),
    denied,
    absent: () => (codes.some(isTokenCode) ? denied() : nothingThere(access, what)),
    moved: refused,
    refused,
  });
}
