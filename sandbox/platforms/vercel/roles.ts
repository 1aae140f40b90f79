import { problem } from './site.ts';
import type { Reply } from '../../http.ts';

export type Action = 'create' | 'delete' | 'list' | 'read' | 'update';
/**
 * A resource. The names are those in `permissions` of a project (@vercel/sdk,
 * GetProjectPermissions).
 */
export type Resource =
  | 'aliasProject'
  | 'deployment'
  | 'deploymentPromote'
  | 'deploymentRollback'
  | 'logs'
  | 'observabilityData'
  | 'project'
  | 'projectDomain'
  | 'projectEnvVars'
  | 'sharedEnvVars';
export type Need = { resource: Resource; action: Action };

/**
 * The roles in a team and in a project (vercel.com/docs/rbac/access-roles). A `full production
 * developer` is a Developer with the extended permission Full Production Deployment: "deploy to
 * production from CLI, rollback and promote any deployment". A `contributor` has no role in the
 * project.
 */
export type Role =
  | 'owner'
  | 'member'
  | 'developer'
  | 'full production developer'
  | 'viewer'
  | 'contributor'
  | 'project administrator';

type Permissions = Record<Resource, Action[]>;

const all: Action[] = ['create', 'delete', 'list', 'read', 'update'];
const see: Action[] = ['list', 'read'];
const nothing: Permissions = {
  aliasProject: [],
  deployment: [],
  deploymentPromote: [],
  deploymentRollback: [],
  logs: [],
  observabilityData: [],
  project: [],
  projectDomain: [],
  projectEnvVars: [],
  sharedEnvVars: [],
};
const with_ = (actions: Action[]): Permissions =>
  Object.fromEntries(Object.keys(nothing).map((resource) => [resource, actions])) as Permissions;

/**
 * The rights of a Developer. A Developer can deploy only by a push, and cannot change settings or
 * domains.
 */
const developer: Permissions = { ...with_(see), projectEnvVars: [...see, 'create', 'update'] };

const permissions: Record<Role, Permissions> = {
  owner: with_(all),
  member: with_(all),
  developer,
  'full production developer': {
    ...developer,
    deployment: [...see, 'create'],
    deploymentPromote: [...see, 'create'],
    deploymentRollback: [...see, 'create'],
  },
  viewer: with_(see),
  contributor: nothing,
  'project administrator': { ...with_(all), sharedEnvVars: see },
};

/**
 * The rights of one token. `without` lists resources that the token may only read, whatever its
 * role is. `barred` lists resources that the token may not even read. `hidden` lists resources that
 * the answer about a project does not show. `lacks` lists single actions that the token may not
 * make, such as "project: read".
 */
export type Access = {
  role: Role;
  without: Resource[];
  barred: Resource[];
  hidden: Resource[];
  lacks: string[];
};

export const accessOf = (role: Role, more: Partial<Access> = {}): Access => ({
  role,
  without: [],
  barred: [],
  hidden: [],
  lacks: [],
  ...more,
});

function actionsOf({ role, without, barred, lacks }: Access, resource: Resource): Action[] {
  const actions = permissions[role][resource].filter(
    (action) => !lacks.includes(`${resource}: ${action}`),
  );
  if (barred.includes(resource)) return [];
  return without.includes(resource) ? actions.filter((action) => see.includes(action)) : actions;
}

/** Returns the field `permissions` of a project. It shows the rights of this token. */
export const shownPermissions = (access: Access) =>
  Object.fromEntries(
    (Object.keys(nothing) as Resource[])
      .filter((resource) => !access.hidden.includes(resource))
      .map((resource) => [resource, actionsOf(access, resource)]),
  );

const words: Record<Resource, string> = {
  aliasProject: 'alias',
  deployment: 'deployment',
  deploymentPromote: 'deployment promotion',
  deploymentRollback: 'deployment rollback',
  logs: 'logs',
  observabilityData: 'observability data',
  project: 'project',
  projectDomain: 'project domain',
  projectEnvVars: 'project environment variable',
  sharedEnvVars: 'shared environment variable',
};

/**
 * Returns the refusal if the role does not allow the call. Otherwise, returns undefined. The
 * sentence and the fields `action` and `resource` come from real refusals: "You don't have
 * permission to create the project." (dyad-sh/dyad#4175), and "… to list the access group." (tests
 * of Vercel's CLI).
 */
export const refuseRole = (access: Access, { resource, action }: Need): Reply | undefined =>
  actionsOf(access, resource).includes(action)
    ? undefined
    : problem(403, 'forbidden', `You don't have permission to ${action} the ${words[resource]}.`, {
        action,
        resource,
      });
