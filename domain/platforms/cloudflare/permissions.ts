import type { TokenKind } from '../../services/call.ts';

const routed = 'only if the wrangler file has routes that are no custom domains';

/**
 * The permissions of the token in plimsoll.yaml, with the names in Cloudflare's dashboard
 * (cloudflare-docs, fundamentals/api/reference/permissions). `zone` is true if the permission
 * belongs to a zone, and false if it belongs to the account.
 */
export const permissions = {
  scripts: {
    name: 'Workers Scripts: Edit',
    zone: false,
    needed: 'always',
    use: 'everything that wrangler and a deploy read and write',
  },
  analytics: {
    name: 'Account Analytics: Read',
    zone: false,
    needed: 'optional',
    use: 'the failed requests, for the watch',
  },
  routes: {
    name: 'Workers Routes: Edit',
    zone: true,
    needed: routed,
    use: 'to set the routes of the Worker',
  },
  zone: {
    name: 'Zone: Read',
    zone: true,
    needed: routed,
    use: 'to find the zone of a route by its name',
  },
} as const;

export type Permission = keyof typeof permissions;

/** The permissions that every Worker needs. */
export const always: readonly Permission[] = ['scripts', 'analytics'];

export const tokens: readonly TokenKind[] = [
  {
    name: 'API token of a person or of an account',
    permissions: Object.values(permissions).map(({ name, needed, use }) => ({ name, needed, use })),
  },
];

/** For example: "Workers Scripts: Edit" and "Account Analytics: Read" in the account 0123. */
export function permissionWords(needed: readonly Permission[], account: string): string {
  const of = (zone: boolean) => needed.filter((one) => permissions[one].zone === zone);
  const named = (some: readonly Permission[]) =>
    some.map((one) => `"${permissions[one].name}"`).join(' and ');
  const parts = [
    ...(of(false).length > 0 ? [`${named(of(false))} in the account ${account}`] : []),
    ...(of(true).length > 0 ? [`${named(of(true))} for the zone of each route`] : []),
  ];
  return parts.join(', and ');
}
