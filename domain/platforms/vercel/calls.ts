import { read, write } from '../../services/call.ts';
import type { TokenPermission, VendorCall, VendorService } from '../../services/call.ts';
import { whoMayDeploy } from './rights.ts';

const project = '/v9/projects/{idOrName}';
const deployment = '/v1/projects/{projectId}/deployments/{deploymentId}';

const calls: readonly VendorCall[] = [
  read(`GET ${project}`, 'read the project and the newest move', {
    permission: 'project: read',
    open: 'which actions `permissions` lists for which role',
  }),
  write(`PATCH ${project}`, 'turn automatic domain assignment off', {
    permission: 'project: update',
  }),
  read(`GET ${project}/domains`, 'name the production domains', {
    permission: 'projectDomain: list',
  }),
  read(`GET ${project}/domains/{domain}`, 'read whether `url` is a production domain', {
    permission: 'projectDomain: read',
    open: 'the words of its 404',
  }),
  read('GET /v7/deployments', 'find the builds of a commit', { permission: 'deployment: list' }),
  read('GET /v13/deployments/{idOrUrl}', 'read one build', { permission: 'deployment: read' }),
  write('POST /v13/deployments', 'start a build', { permission: 'deployment: create' }),
  write('PATCH /v12/deployments/{id}/cancel', 'cancel a build', {
    permission: 'deployment: update',
  }),
  write('POST /v10/projects/{projectId}/promote/{deploymentId}', 'promote a build', {
    permission: 'deploymentPromote: create',
    open: 'whether a promote on this plan answers 201 or 202',
  }),
  write('POST /v1/projects/{projectId}/rollback/{deploymentId}', 'roll back', {
    permission: 'deploymentRollback: create',
    open: 'how far back this plan can roll back',
  }),
  read('GET /v1/projects/{projectId}/promote/aliases', 'read the domains of a promote', {
    permission: 'deploymentPromote: read',
  }),
  read('GET /v9/projects/{projectId}/rollback/aliases', 'read the domains of a rollback', {
    permission: 'deploymentRollback: read',
    answer: 'hand',
    open: 'the whole answer: only the source of the vercel CLI documents the path',
  }),
  read('GET /v4/aliases/{idOrAlias}', 'find the deployment of a domain', {
    permission: 'aliasProject: read',
  }),
  read('GET /v2/deployments/{id}/aliases', 'read the domains of a deployment', {
    permission: 'aliasProject: list',
  }),
  write('POST /v2/deployments/{id}/aliases', 'point a domain at a deployment', {
    permission: 'aliasProject: create',
  }),
  read(`GET /v10/projects/{idOrName}/env`, "read the names of the project's variables", {
    permission: 'projectEnvVars: list',
  }),
  read('GET /v1/env', "read the names of the team's variables", {
    permission: 'sharedEnvVars: list',
    open: 'whether this plan has shared variables, and the name of the parameter for the next page',
  }),
  read('GET /v3/deployments/{idOrUrl}/events', 'read the log of a failed build', {
    permission: 'deployment: read',
  }),
  read(`GET ${deployment}/runtime-logs`, 'count errors in the runtime log', {
    permission: 'logs: read',
    open: 'how late rows arrive, and how long the stream stays open',
  }),
  read('POST /v2/observability/query', 'count failed requests', {
    permission: 'observabilityData: read',
    answer: 'hand',
    open: 'which roles and plans may ask: the SDK types the answer as {}',
  }),
];

const withVariables = 'only if `requiredVariables` is set';
const onlyWatch = 'optional, for the watch';

/** The permissions that only some deploys need, each with its condition. */
const sometimes: Readonly<Record<string, string>> = {
  'projectDomain: list': 'only to name the domains to choose from, if `url` is none of them',
  'deploymentRollback: read':
    'optional: without it, Plimsoll reads from the domain whether the rollback has ended',
  'deployment: create': 'only if Vercel does not build the commit by itself',
  'deployment: update': 'only to cancel a build of an aborted deploy',
  'aliasProject: list': 'only if a promote or a rollback moved a part of the domains',
  'aliasProject: create': 'only if a promote or a rollback moved a part of the domains',
  'projectEnvVars: list': withVariables,
  'sharedEnvVars: list': withVariables,
  'logs: read': onlyWatch,
  'observabilityData: read': onlyWatch,
};

/** Every permission of the calls, once. */
const permissions = [...new Set(calls.flatMap(({ permission }) => permission ?? []))].map(
  (name): TokenPermission => ({
    name,
    needed: sometimes[name] ?? 'always',
    use: calls.flatMap((one) => (one.permission === name ? [one.use] : [])).join('; '),
  }),
);

/**
 * The calls to Vercel. A permission is a resource and an action, such as "project: read". The
 * resources are the keys of `permissions` of a project (@vercel/sdk, type GetProjectPermissions).
 */
export const service: VendorService = {
  title: 'Vercel',
  specification: { name: '@vercel/sdk', version: '1.28.35' },
  permissions: 'https://vercel.com/docs/rbac/access-roles',
  grant: `Make a token of ${whoMayDeploy}.`,
  tokens: [{ name: `token of ${whoMayDeploy}`, permissions }],
  unverified: [
    'Whether a role can have `create` of a promote or a rollback without `update`. For Plimsoll, one of the two is enough. The tests remove both.',
    'The name of the commit status with which Vercel reports a build. Public repositories show "Vercel", and "Vercel – PROJECT" ' +
      'with several projects in one repository. Such a status does not count as a test of the commit. If "project" in ' +
      'plimsoll.yaml is an id (prj_…), only "Vercel" is recognised, so write the name.',
  ],
  calls,
};
