import { read, write } from '../../services/call.ts';
import type { VendorService } from '../../services/call.ts';

const member = 'a token for the team, of a member who may see the project';
const ship =
  'a member who may deploy to production (Owner, Member, or Project Developer and above)';

export const service: VendorService = {
  title: 'Vercel',
  specification: { name: '@vercel/sdk', version: '1.28.35' },
  permissions: 'https://vercel.com/docs/rbac/access-roles',
  calls: [
    read('GET /v9/projects/{idOrName}', 'read the project and the newest move', {
      permission: member,
    }),
    write('PATCH /v9/projects/{idOrName}', 'turn automatic domain assignment off', {
      permission: ship,
    }),
    read('GET /v7/deployments', 'find the builds of a commit', { permission: member }),
    read('GET /v13/deployments/{idOrUrl}', 'read one build', { permission: member }),
    write('POST /v13/deployments', 'start a build', { permission: ship }),
    write('PATCH /v12/deployments/{id}/cancel', 'cancel a build', { permission: ship }),
    write('POST /v10/projects/{projectId}/promote/{deploymentId}', 'promote a build', {
      permission: ship,
      open: 'whether a promote on this plan answers 201 or 202',
    }),
    write('POST /v1/projects/{projectId}/rollback/{deploymentId}', 'roll back', {
      permission: ship,
      open: 'how far back this plan can roll back',
    }),
    read('GET /v1/projects/{projectId}/promote/aliases', 'read the state of each domain', {
      permission: member,
      open: 'whether the name of the project is accepted in place of its id',
    }),
    read('GET /v9/projects/{projectId}/rollback/aliases', 'read the domains of a rollback', {
      permission: member,
      answer: 'hand',
      open: 'the whole answer: only the vercel CLI documents the path',
    }),
    read('GET /v4/aliases', 'find the deployment of a domain', {
      permission: member,
      open: 'whether "domain" means the host or its registered domain',
    }),
    read('GET /v4/aliases/{idOrAlias}', 'find the deployment of a domain', { permission: member }),
    read('GET /v2/deployments/{id}/aliases', 'read the domains of a deployment', {
      permission: member,
    }),
    write('POST /v2/deployments/{id}/aliases', 'point a domain at a deployment', {
      permission: ship,
    }),
    read('GET /v10/projects/{idOrName}/env', "read the names of the project's variables", {
      permission: 'a member who may see environment variables',
    }),
    read('GET /v1/env', "read the names of the team's variables", {
      permission: 'a member who may see shared environment variables',
      open: 'whether this plan has shared variables',
    }),
    read('GET /v3/deployments/{idOrUrl}/events', 'read the log of a failed build', {
      permission: member,
    }),
    read(
      'GET /v1/projects/{projectId}/deployments/{deploymentId}/runtime-logs',
      'count errors in the runtime log',
      { permission: member, open: 'how late rows arrive' },
    ),
    read('POST /v2/observability/query', 'count failed requests', {
      permission: 'a member who may query metrics, in a team with Observability Plus',
      answer: 'hand',
      open: 'the whole answer and the finest granularity: the SDK types it as {}',
    }),
  ],
};
