import { read, write } from '../../services/call.ts';
import type { VendorService } from '../../services/call.ts';

const service$ = '/v1/projects/{projectId}/services/{serviceId}';
const see = 'Project > Services > General > Read';
const instances = 'Project > Services > Deployment > View Instances';
const logs = 'Project > Services > Deployment > View Instance Logs';
const build = 'Project > Services > Deployment > Deploy Build';
const update = 'Project > Services > Deployment > Update Deployment';
const deprecated = 'when Northflank removes this path: it is deprecated';

/** With `team`, each path begins with /v1/teams/{teamId}. */
export const service: VendorService = {
  title: 'Northflank',
  specification: { name: '@northflank/js-client', version: '0.9.5' },
  permissions: '`requiredPermissions` in @northflank/js-client; northflank.com/docs for the logs',
  calls: [
    read(`GET ${service$}`, 'read the service', { permission: see }),
    read(`GET ${service$}/build`, 'find the builds of a commit', { permission: see }),
    read(`GET ${service$}/build/{buildId}`, 'read one build', { permission: see }),
    write(`POST ${service$}/build`, 'start a build', { permission: build }),
    write(`DELETE ${service$}/build/{buildId}`, 'abort a build', {
      permission: build,
      answer: 'nothing',
    }),
    read(`GET ${service$}/deployment`, 'read which build is pinned', {
      permission: instances,
      open: `${deprecated}; the answer for a service that has never deployed a build`,
    }),
    write(`POST ${service$}/deployment`, 'pin a build', {
      permission: update,
      answer: 'nothing',
      open: deprecated,
    }),
    write('PATCH /v1/projects/{projectId}/services/combined/{serviceId}', 'pin a build', {
      permission: update,
    }),
    write('PATCH /v1/projects/{projectId}/services/deployment/{serviceId}', 'pin a build', {
      permission: update,
    }),
    read(`GET ${service$}/containers`, 'read the running containers', { permission: instances }),
    read(`GET ${service$}/ports`, 'read the ports', { permission: see, open: deprecated }),
    read(`GET ${service$}/health-checks`, 'read the readiness probe', {
      permission: see,
      open: deprecated,
    }),
    read(`GET ${service$}/runtime-environment`, 'read the names of the variables', {
      permission: 'Project > Secrets > Services > Read',
      open: deprecated,
    }),
    read(`GET ${service$}/logs`, 'count errors in the log', {
      permission: logs,
      open: 'the longest range and the order of the lines',
    }),
    read(`GET ${service$}/build-logs`, 'read the log of a failed build', { permission: logs }),
  ],
};
