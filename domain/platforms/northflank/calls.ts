import { read, write } from '../../services/call.ts';
import type { VendorService } from '../../services/call.ts';
import { permissionName as need, tokens } from './permissions.ts';

const service$ = '/v1/projects/{projectId}/services/{serviceId}';
const deprecated = 'at what date Northflank will remove this deprecated path';
const newest =
  'whether an account already has this path: it is in the documentation of autumn 2026';

/**
 * If a target has a team, every path begins with /v1/teams/{teamId}. The first path in the list is
 * an exception.
 */
export const service: VendorService = {
  title: 'Northflank',
  specification: { name: '@northflank/js-client', version: '0.9.5' },
  permissions: '`requiredPermissions` in @northflank/js-client; northflank.com/docs for the logs',
  tokens,
  unverified: ['Which of the two kinds of roles an account has.'],
  calls: [
    read('GET /v1/auth', 'let doctor read the permissions of the token', {
      permission: null,
      answer: 'hand',
      open: newest,
    }),
    read(`GET ${service$}`, 'read the service', {
      permission: need('read'),
      open: 'which of the two documented forms an account gets',
    }),
    read(`GET ${service$}/build`, 'find the builds of a commit', { permission: need('read') }),
    read(`GET ${service$}/build/{buildId}`, 'read one build', { permission: need('read') }),
    write(`POST ${service$}/build`, 'start a build', { permission: need('build') }),
    write(`DELETE ${service$}/build/{buildId}`, 'abort a build', {
      permission: need('build'),
      answer: 'nothing',
    }),
    read(`GET ${service$}/deployment`, 'read which build is pinned', {
      permission: need('instances'),
      open: `${deprecated}; the answer for a service that has never deployed a build`,
    }),
    write(`POST ${service$}/deployment`, 'pin a build of a combined service', {
      permission: need('deploy'),
      answer: 'nothing',
      open: deprecated,
    }),
    write(
      'PATCH /v1/projects/{projectId}/services/deployment/{serviceId}',
      'pin a build of a deployment service',
      { permission: need('update') },
    ),
    read(`GET ${service$}/rollout`, 'read whether a gradual rollout is active', {
      permission: need('read'),
      answer: 'hand',
      open: newest,
    }),
    read(`GET ${service$}/containers`, 'read the running containers', {
      permission: need('instances'),
    }),
    read(`GET ${service$}/health-checks`, 'read the readiness probe', {
      permission: need('read'),
      open: deprecated,
    }),
    read(`GET ${service$}/runtime-environment`, 'read the names of the variables', {
      permission: need('variables'),
      open: deprecated,
    }),
    read(`GET ${service$}/logs`, 'count errors in the log', {
      permission: need('logs'),
      open: 'the longest range and the order of the lines',
    }),
    read(`GET ${service$}/build-logs`, 'read the log of a failed build', {
      permission: need('logs'),
    }),
  ],
};
