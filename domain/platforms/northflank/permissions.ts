import type { TokenKind } from '../../services/call.ts';

/**
 * The permissions that the calls need. In September 2026, Northflank merged several permissions
 * into one. Accounts have roles of both kinds. So texts for people contain the old and the new
 * name.
 */
export const permissions = {
  read: {
    name: 'Project > Services > General > Read',
    newer: null,
    id: 'ps_services_general_read',
    access: 'read',
    needed: 'always',
    use: 'the service, its builds, ports, health checks and gradual rollouts',
  },
  instances: {
    name: 'Project > Services > Deployment > View Instances',
    newer: 'Project > Services > General > Read',
    id: null,
    access: 'read',
    needed: 'always',
    use: 'the deployed build and the containers',
  },
  logs: {
    name: 'Project > Services > Deployment > View Instance Logs',
    newer: 'Project > Services > Deployment > View Observability',
    id: 'ps_services_deployment_view-observability',
    access: 'read',
    needed: 'always',
    use: 'the start-up log, the watch, and the log of a failed build',
  },
  variables: {
    name: 'Project > Secrets > Services > Read',
    newer: null,
    id: null,
    access: 'read',
    needed: 'only if `requiredVariables` is set',
    use: 'the names of the variables, only if `requiredVariables` is set',
  },
  build: {
    name: 'Project > Services > Deployment > Deploy Build',
    newer: 'Project > Services > General > Update',
    id: null,
    access: 'write',
    needed: 'only if Northflank made no build of the commit',
    use: 'the start of a build, if Northflank did not build the commit by itself',
  },
  deploy: {
    name: 'Project > Services > Deployment > Update Deployment',
    newer: 'Project > Services > General > Update',
    id: null,
    access: 'write',
    needed: 'only for a combined service',
    use: 'the deploy and the rollback of a combined service',
  },
  update: {
    name: 'Project > Services > General > Update',
    newer: null,
    id: 'ps_services_general_update',
    access: 'write',
    needed: 'only for a deployment service',
    use: 'the deploy and the rollback of a deployment service',
  },
} as const satisfies Record<string, Described>;

type Described = {
  /** The name in Northflank's API documentation and in its client 0.9.5. */
  name: string;
  /** The name in the documentation of the client 0.11; null = the name did not change. */
  newer: string | null;
  /** The id of the permission in answers of Northflank; null = the id is not documented. */
  id: string | null;
  access: 'read' | 'write';
  /** The deploys that need the permission. */
  needed: string;
  /** The data or the steps for which Plimsoll needs the permission. */
  use: string;
};
export type Permission = keyof typeof permissions;

const all = Object.values(permissions) as Described[];
const newest = [...new Set(all.map(({ name, newer }) => newer ?? name))];

/** The two kinds of roles. One newer permission replaces several older permissions. */
export const tokens: readonly TokenKind[] = [
  {
    name: 'token of a role with the older permissions',
    permissions: all.map(({ name, needed, use }) => ({ name, needed, use })),
  },
  {
    name: 'token of a role with the newer permissions',
    permissions: newest.map((name) => {
      const joined = all.filter((one) => (one.newer ?? one.name) === name);
      const needed = [...new Set(joined.map((one) => one.needed))];
      return {
        name,
        needed: needed.length === 1 ? needed.join() : 'always',
        use: joined.map(({ use }) => use).join('; '),
      };
    }),
  },
];
type Access<A> = {
  [P in Permission]: (typeof permissions)[P]['access'] extends A ? P : never;
}[Permission];
export type ReadPermission = Access<'read'>;

/** Returns the name of a permission for people: `"A" (newer roles call it "B")`. */
export function permissionName(permission: Permission): string {
  const { name, newer } = permissions[permission];
  return newer === null ? `"${name}"` : `"${name}" (newer roles call it "${newer}")`;
}

const withAccess = (access: 'read' | 'write') =>
  (Object.keys(permissions) as Permission[]).filter((one) => permissions[one].access === access);

export const readPermissions = withAccess('read') as ReadPermission[];
export const writePermissions = withAccess('write');
