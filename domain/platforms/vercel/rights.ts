/**
 * The rights that a token needs in a project. Vercel lists the allowed actions of each resource
 * under `permissions` of the project (@vercel/sdk, type GetProjectPermissions).
 */
export const rights = {
  promote: {
    may: 'promote',
    resources: ['deploymentPromote'],
    actions: ['create', 'update'],
    needed: true,
  },
  rollBack: {
    may: 'roll back',
    resources: ['deploymentRollback'],
    actions: ['create', 'update'],
    needed: true,
  },
  settings: {
    may: 'change the settings of the project',
    resources: ['project', 'projectSetting'],
    actions: ['update'],
    needed: true,
  },
  build: {
    may: 'start a production build',
    resources: ['deployment'],
    actions: ['create'],
    needed: false,
  },
  alias: {
    may: 'point a domain at a deployment',
    resources: ['aliasProject'],
    actions: ['create', 'update'],
    needed: false,
  },
} as const satisfies Record<string, RightFacts>;

type RightFacts = {
  /** The end of the sentence "The token may …". */
  may: string;
  resources: readonly string[];
  /** One of these actions is enough. */
  actions: readonly string[];
  /** true: every deploy or its rollback needs the right. false: only some deploys need it. */
  needed: boolean;
};
export type Right = keyof typeof rights;
/**
 * true = the token has the right; false = it lacks the right; null = Vercel does not show the
 * right.
 */
export type Rights = Record<Right, boolean | null>;

export const rightNames = Object.keys(rights) as Right[];

type Shown = Readonly<Record<string, unknown>> | null | undefined;

/** Reads the rights of the token from `permissions` of a project. */
export function rightsIn(permissions: Shown): Rights {
  const read = (right: Right) => shows(permissions, rights[right]);
  return Object.fromEntries(rightNames.map((right) => [right, read(right)])) as Rights;
}

function shows(
  permissions: Shown,
  { resources, actions }: Pick<RightFacts, 'resources' | 'actions'>,
): boolean | null {
  const shown = resources
    .map((resource) => permissions?.[resource])
    .filter((value): value is unknown[] => Array.isArray(value));
  if (shown.length === 0) return null;
  return shown.some((allowed) => actions.some((action) => allowed.includes(action)));
}

/**
 * Returns true if `permissions` of a project show that the token may make a call. `need` is the
 * resource and the action, such as "deploymentPromote: create". null = Vercel does not show the
 * right.
 */
export function mayMake(permissions: Shown, need: string): boolean | null {
  const [resource = '', action = ''] = need.split(': ');
  const all: RightFacts[] = Object.values(rights);
  const known = all.find((one) => one.resources.includes(resource) && one.actions.includes(action));
  return shows(permissions, known ?? { resources: [resource], actions: [action] });
}

/** Returns the rights with this state, in words such as "roll back". */
export const rightsThat = (found: Rights, state: boolean | null): string[] =>
  rightNames.filter((right) => found[right] === state).map((right) => rights[right].may);

/** Returns the rights that every deploy needs and the token lacks, in words. */
export const missingRights = (found: Rights): string[] =>
  rightNames
    .filter((right) => rights[right].needed && found[right] === false)
    .map((right) => rights[right].may);

/**
 * Names the people who have every right that a deploy needs. Sources:
 * vercel.com/docs/rbac/access-roles and its page on extended permissions. The permission "Full
 * Production Deployment" is not enough, because it does not include the settings of the project.
 */
export const whoMayDeploy =
  'a team member with the role Owner or Member, or a member with the project role Project Administrator';
