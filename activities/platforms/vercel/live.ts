import { service } from '../../../domain/platforms/vercel/calls.ts';
import { granularityFor } from '../../../domain/platforms/vercel/granularity.ts';
import { mayMake } from '../../../domain/platforms/vercel/rights.ts';
import type { LiveCheck } from '../../../domain/services/live.ts';
import { at, createLive, idAt } from '../../lib/live.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { domainOf, nameOf, variableOf } from './place.ts';
import { resolveVercel } from './target.ts';

/** Tries every read of a deploy, for each project. Changes nothing. */
export const live = (places: readonly PlaceOn<'vercel'>[], deps: DoctorDeps): LiveCheck[] =>
  places.map(({ project, environment }) => {
    const target = resolveVercel({ project, environment });
    const variable = variableOf(target.token);
    const name = nameOf(target);
    const needs = deps.isSet(target.token) ? null : variable;
    return { name, needs, run: () => tryAll(target, deps, { name, variable }) };
  });

type Target = ReturnType<typeof resolveVercel>;
const part = encodeURIComponent;

async function tryAll(
  target: Target,
  { secret }: DoctorDeps,
  { name, variable }: { name: string; variable: string },
) {
  const api = target.api.replace(/\/$/, '');
  const token = secret(target.token);
  const { read, end } = createLive({ service, place: name, api, token, variable });
  const { team } = target;
  const scope = team === null ? {} : { [team.startsWith('team_') ? 'teamId' : 'slug']: team };
  const found = await read({
    call: 'GET /v9/projects/{idOrName}',
    path: `/v9/projects/${part(target.project)}`,
    query: { rollbackInfo: true, ...scope },
  });
  const projectId = idAt(found?.data, 'id');
  if (!projectId) return end('the project could not be read');
  const of = { projectId, ...scope };
  const paths = `/v1/projects/${part(projectId)}`;
  const list = await read({
    call: 'GET /v7/deployments',
    path: '/v7/deployments',
    query: { ...of, limit: 1 },
  });
  await read({
    call: 'GET /v1/projects/{projectId}/promote/aliases',
    path: `${paths}/promote/aliases`,
    query: { ...scope, limit: 1 },
    none: (status) => (status === 404 ? 'nothing was ever promoted' : null),
  });
  await read({
    call: 'GET /v9/projects/{projectId}/rollback/aliases',
    path: `/v9/projects/${part(projectId)}/rollback/aliases`,
    query: { ...scope, limit: 1 },
    none: (status) =>
      [400, 403, 404, 410].includes(status) ? 'Vercel does not list these domains' : null,
  });
  await readDomains(read, { projectId, domain: domainOf(target), scope });
  await read({
    call: 'GET /v10/projects/{idOrName}/env',
    path: `/v10/projects/${part(projectId)}/env`,
    query: { ...scope, decrypt: false },
  });
  await read({
    call: 'GET /v1/env',
    path: '/v1/env',
    query: of,
    none: (status) => ([402, 404].includes(status) ? 'this account has no shared variables' : null),
  });
  await read({
    call: 'POST /v2/observability/query',
    path: '/v2/observability/query',
    query: scope,
    body: metricsOf(projectId, idAt(found?.data, 'accountId') ?? ''),
    none: (status, words) =>
      [402, 404].includes(status)
        ? `no metrics (${status}${words === '' ? '' : `: ${words}`})`
        : null,
  });
  const id =
    idAt(found?.data, 'targets', 'production', 'id') ?? idAt(list?.data, 'deployments', 0, 'uid');
  if (id) {
    const path = part(id);
    await read({
      call: 'GET /v13/deployments/{idOrUrl}',
      path: `/v13/deployments/${path}`,
      query: scope,
    });
    await read({
      call: 'GET /v2/deployments/{id}/aliases',
      path: `/v2/deployments/${path}/aliases`,
      query: scope,
    });
    await read({
      call: 'GET /v3/deployments/{idOrUrl}/events',
      path: `/v3/deployments/${path}/events`,
      query: { ...scope, builds: 1, limit: 1, direction: 'forward', follow: 0 },
    });
    await read({
      call: 'GET /v1/projects/{projectId}/deployments/{deploymentId}/runtime-logs',
      path: `${paths}/deployments/${path}/runtime-logs`,
      query: scope,
      accept: 'application/stream+json',
      streams: true,
    });
  }
  const permissions = at(found?.data, 'permissions') as Record<string, unknown> | undefined;
  return end('no deployment is live, or only a deploy makes this call', ({ permission }) => {
    const may = permission === null ? null : mayMake(permissions, permission);
    return may === null ? null : { may, said: 'Vercel shows this in `permissions` of the project' };
  });
}

type Where = { projectId: string; domain: string; scope: Record<string, string> };

/**
 * Tries the calls about domains. The call also works if the status is 404: then the project does
 * not have the domain.
 */
async function readDomains(
  read: ReturnType<typeof createLive>['read'],
  { projectId, domain, scope }: Where,
) {
  const domains = `/v9/projects/${part(projectId)}/domains`;
  await read({
    call: 'GET /v9/projects/{idOrName}/domains',
    path: domains,
    query: { ...scope, production: true, redirects: false, limit: 1 },
  });
  await read({
    call: 'GET /v9/projects/{idOrName}/domains/{domain}',
    path: `${domains}/${part(domain)}`,
    query: scope,
    also: [404],
  });
  await read({
    call: 'GET /v4/aliases/{idOrAlias}',
    path: `/v4/aliases/${part(domain)}`,
    query: { ...scope, projectId },
    also: [404],
  });
}

const hourMs = 3_600_000;

/** Returns the query for the number of requests in production in the last hour. */
function metricsOf(projectId: string, ownerId: string) {
  const to = Date.now();
  return {
    metric: 'vercel.request.count',
    scope: { type: 'project', ownerId, projectIds: [projectId] },
    aggregation: 'sum',
    groupBy: ['http_status'],
    filter: "environment eq 'production'",
    granularity: granularityFor(hourMs),
    startTime: new Date(to - hourMs).toISOString(),
    endTime: new Date(to).toISOString(),
    limit: 100,
  };
}
