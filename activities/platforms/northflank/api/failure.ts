import { failures } from '../../../../domain/deploy/failures.ts';
import { redact } from '../../../../domain/lib/redact.ts';
import { final } from '../../../lib/fail.ts';
import type { HttpAnswer } from '../../../lib/http.ts';
import { unanswered, unreadable, vendorFailure } from '../../../lib/vendor-failure.ts';
import type { Vendor } from '../../../lib/vendor-failure.ts';
import { permissionName } from '../../../../domain/platforms/northflank/permissions.ts';
import type { Permission } from '../../../../domain/platforms/northflank/permissions.ts';

export type Place = { team?: string | undefined; project: string; service: string };
export type Asked = {
  /** The requested object, for error texts: "the builds of openclaw/gateway". */
  what: string;
  /** True if the call makes a change. Even without an answer, the change may have happened. */
  effect: boolean;
  /** The permission that the token's role needs. */
  needs: Permission;
  place: Place;
  /**
   * The text for people if the answer is 404 or 405. If `removed` is absent, 404 means that the
   * service or the build does not exist.
   */
  removed?: string;
  /** Id of the build in the path, if the path contains a build. */
  build?: string;
  /** Name of the environment variable with the token. */
  variable: string;
};

const vendor: Vendor = {
  name: 'Northflank',
  unanswered: (what, why) => `Northflank did not complete the request for ${what} (${why}).`,
  reset: 'to go',
};

const fullPlace = ({ team, project, service }: Place) =>
  `service ${service} in project ${project}${team ? ` of team ${team}` : ''}`;

/**
 * The texts in Northflank's answer: its message, and the id of the permission that the call needs.
 */
export type Words = { message: string | null; permission: string | null };

const statuses = new WeakMap<object, number>();
const lacking = new WeakMap<object, Permission>();

/** True if Northflank answered that the object or the call does not exist (404 or 405). */
const isAbsent = (cause: unknown): boolean =>
  typeof cause === 'object' && cause !== null && [404, 405].includes(statuses.get(cause) ?? 0);

/**
 * Waits for `reading`. Returns null if Northflank answers that the object or call does not exist.
 */
export async function orAbsent<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (cause) {
    if (isAbsent(cause)) return null;
    throw cause;
  }
}

/** Returns the permission that the token lacks, or null if the failure has another cause. */
export const lackedPermission = (cause: unknown): Permission | null =>
  typeof cause === 'object' && cause !== null ? (lacking.get(cause) ?? null) : null;

/**
 * True if the token lacks a permission. False if Northflank does not know the token. Northflank may
 * answer 401 in both cases. The answer contains the id of the permission, or the word "permission",
 * only if a permission is missing.
 */
const isPermission = (status: number, { message, permission }: Words) =>
  status === 403 || permission !== null || /permission/i.test(message ?? '');

/**
 * True if the text is the id of a permission: only letters, "_" and "-". The message must not show
 * any other text, because it may contain a secret.
 */
const isId = (text: string | null) =>
  text !== null && /^[a-z]{2,4}(?:_[a-zA-Z-]{1,40}){1,5}$/.test(text);

function denied(asked: Asked, status: number, words: Words) {
  const { what, variable, needs, place } = asked;
  if (!isPermission(status, words))
    return final(
      failures.misconfigured,
      `Northflank refused the request for ${what}, ` +
        `because it does not know the token in ${variable} (${status}).\n` +
        `Make a new API token, set ${variable} where the worker is started, and start the worker again.`,
    );
  const own = isId(words.permission) ? ` Northflank names "${words.permission}".` : '';
  const failure = final(
    failures.misconfigured,
    `Northflank refused the request for ${what}, ` +
      `because the token in ${variable} has no permission (${status}).\n` +
      `Give the token's role the permission ${permissionName(needs)} for project ${place.project}.${own}`,
  );
  lacking.set(failure, needs);
  return failure;
}

function absent({ place, build, variable, removed }: Asked) {
  if (removed !== undefined) return final(failures.misconfigured, removed);
  if (build)
    return final(
      failures.rejectedByPlatform,
      `Northflank has no build ${build} of ${fullPlace(place)} (404).\n` +
        'Look under "Builds" of the service for the builds that Northflank still has. Or build the commit again.',
    );
  const keys = place.team ? '"team", "project" and "service"' : '"project" and "service"';
  const hint = place.team ? '' : ' A token of an organisation needs "team" as well.';
  return final(
    failures.misconfigured,
    `Northflank has no ${fullPlace(place)} for the token in ${variable} (404).\n` +
      `Check ${keys} in plimsoll.yaml: they are the ids in the address of the service's page.${hint}`,
  );
}

function moved({ what }: Asked, status: number) {
  return final(
    failures.misconfigured,
    `Northflank's API answered the request for ${what} with a redirect (${status}), ` +
      'and Plimsoll never follows a redirect.\n' +
      'Check the address of the API in plimsoll.yaml.',
  );
}

export const noAnswer = (asked: Asked, why: string) => unanswered(vendor, asked, why);

export const unknownForm = (asked: Asked, where: string) => unreadable(vendor, asked, `"${where}"`);

function refused({ what, removed }: Asked, status: number, message: string | null) {
  if (status === 405 && removed !== undefined) return final(failures.misconfigured, removed);
  const why = message ? `: ${redact(message).replace(/\.$/, '')}` : '';
  return final(
    failures.rejectedByPlatform,
    `Northflank refused the request for ${what} (${status})${why}.\n` +
      'Correct the service in Northflank, then deploy again.',
  );
}

/** Makes the failure for an unsuccessful answer. */
export function refusal(asked: Asked, answer: HttpAnswer, words: Words): Error {
  const failure = vendorFailure(vendor, answer, {
    what: asked.what,
    effect: asked.effect,
    denied: (status) => denied(asked, status, words),
    absent: () => absent(asked),
    moved: (status) => moved(asked, status),
    refused: (status) => refused(asked, status, words.message),
  });
  // An answer in another form may come from a proxy. It does not prove that an object does not
  // exist.
  if (words.message !== null) statuses.set(failure, answer.status);
  return failure;
}
