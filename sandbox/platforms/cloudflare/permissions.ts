import { always, permissions } from '../../../domain/platforms/cloudflare/permissions.ts';
import type { Call, Reply } from '../../http.ts';
import { problem } from './routes.ts';

/** A permission of a token, as Cloudflare's dashboard names it. */
export type Permission = `${string}: ${'Read' | 'Edit'}`;

/** The permissions that docs/platforms.md asks for, and no others. */
export const documented: readonly Permission[] = always.map((one) => permissions[one].name);

/**
 * The permissions that docs/permissions.md asks for if the Worker has routes that are not custom
 * domains.
 */
export const documentedForRoutes: readonly Permission[] = Object.values(permissions).map(
  ({ name }) => name,
);

/**
 * The name of the permission that a path needs. The pattern matches the part of the path after the
 * account. Source: cloudflare-docs, fundamentals/api/reference/permissions.
 */
const groups: [path: RegExp, name: string][] = [
  [/^\/workers\//, 'Workers Scripts'],
  [/^\/storage\/kv\//, 'Workers KV Storage'],
  [/^\/d1\//, 'D1'],
  [/^\/r2\//, 'Workers R2 Storage'],
  [/^\/queues/, 'Queues'],
  [/^\/workflows/, 'Workers Scripts'],
];

/** Returns the permission that a call needs, or null if every token may make the call. */
export function neededFor({ method, path }: Pick<Call, 'method' | 'path'>): Permission | null {
  // A token without "Zone: Read" gets an empty list of zones. See zones.ts.
  const ofZone = /^\/client\/v4\/zones\/[^/]+\/workers\/routes$/.test(path);
  const inAccount = /^\/client\/v4\/accounts\/[^/]+(\/.*)$/.exec(path)?.[1] ?? '';
  const [, name] = ofZone
    ? ['', 'Workers Routes']
    : (groups.find(([pattern]) => pattern.test(inAccount)) ?? []);
  return name === undefined ? null : `${name}: ${method === 'GET' ? 'Read' : 'Edit'}`;
}

/**
 * Returns true if the token has the permission. A permission to edit includes the permission to
 * read.
 */
export const may = (given: readonly Permission[], needed: Permission) =>
  given.includes(needed) || given.includes(needed.replace(/Read$/, 'Edit') as Permission);

/**
 * Returns Cloudflare's answer to a call that the token may not make. It has status 403 and code
 * 10000. wrangler takes this code for a missing permission. GraphQL has a different answer.
 */
export function denied(given: readonly Permission[], call: Call): Reply | undefined {
  const needed = neededFor(call);
  return needed === null || may(given, needed)
    ? undefined
    : problem(403, 10000, 'Authentication error');
}
