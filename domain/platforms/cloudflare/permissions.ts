/**
 * The permissions of the token in plimsoll.yaml, with the names in Cloudflare's dashboard. `zone`
 * is true if the permission belongs to a zone, and false if it belongs to the account.
 */
export const permissions = {
  scripts: { name: 'Workers Scripts: Edit', zone: false },
  analytics: { name: 'Account Analytics: Read', zone: false },
  /** Only for a Worker whose wrangler file has routes. */
  routes: { name: 'Workers Routes: Edit', zone: true },
} as const;

export type Permission = keyof typeof permissions;

/** The permissions that every Worker needs. */
export const always: readonly Permission[] = ['scripts', 'analytics'];

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
