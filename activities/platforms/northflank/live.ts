import { service } from '../../../domain/platforms/northflank/calls.ts';
import { permissionName, permissions } from '../../../domain/platforms/northflank/permissions.ts';
import type { LiveCheck, Shown } from '../../../domain/services/live.ts';
import { at, createLive, idAt } from '../../lib/live.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { resolveNorthflank } from './target.ts';

/** Tries every read of a deploy, for each service. Changes nothing. */
export const live = (places: readonly PlaceOn<'northflank'>[], deps: DoctorDeps): LiveCheck[] =>
  places.map(({ project, environment }) => {
    const target = resolveNorthflank({ project, environment });
    const variable = target.token.slice('env:'.length);
    const name = `northflank ${target.project}/${target.service}`;
    const needs = deps.isSet(target.token) ? null : variable;
    return { name, needs, run: () => tryAll(target, deps, { name, variable }) };
  });

const root = '/v1/projects/{projectId}/services/{serviceId}';
const part = encodeURIComponent;

async function tryAll(
  target: ReturnType<typeof resolveNorthflank>,
  { secret }: DoctorDeps,
  { name, variable }: { name: string; variable: string },
) {
  const { team, project } = target;
  const api = target.api.replace(/\/$/, '');
  const token = secret(target.token);
  const { read, end } = createLive({ service, place: name, api, token, variable });
  const inTeam = team === undefined ? '' : `/teams/${part(team)}`;
  const path = `/v1${inTeam}/projects/${part(project)}/services/${part(target.service)}`;
  const auth = await read({
    call: 'GET /v1/auth',
    path: '/v1/auth',
    none: (status) =>
      status === 404 ? 'Northflank does not show the permissions of a token here' : null,
  });
  await read({ call: `GET ${root}`, path });
  const builds = await read({
    call: `GET ${root}/build`,
    path: `${path}/build`,
    query: { per_page: 1 },
  });
  const buildId = idAt(builds?.data, 'data', 'builds', 0, 'id');
  if (buildId)
    await read({ call: `GET ${root}/build/{buildId}`, path: `${path}/build/${part(buildId)}` });
  await read({
    call: `GET ${root}/rollout`,
    path: `${path}/rollout`,
    none: (status) => (status === 404 ? 'no gradual rollout is active' : null),
  });
  await read({ call: `GET ${root}/containers`, path: `${path}/containers` });
  for (const one of ['deployment', 'health-checks'])
    await read({ call: `GET ${root}/${one}`, path: `${path}/${one}`, none: removed });
  // The answer to this call contains the values of secrets. So the check makes the call only if a
  // deploy needs it.
  if (target.requiredVariables.length > 0)
    await read({
      call: `GET ${root}/runtime-environment`,
      path: `${path}/runtime-environment`,
      none: removed,
    });
  const range = rangeOf();
  await read({ call: `GET ${root}/logs`, path: `${path}/logs`, query: range });
  if (buildId)
    await read({
      call: `GET ${root}/build-logs`,
      path: `${path}/build-logs`,
      query: { ...range, buildId },
    });
  return end('there is no build yet, or no deploy of this service makes this call', shown(auth));
}

/**
 * Returns a reason if Northflank has removed a deprecated call, else null. A deploy works without
 * the deprecated calls.
 */
const removed = (status: number) =>
  status === 404 || status === 405 ? 'Northflank has removed this call' : null;

/**
 * Returns a function that says whether the token has the permission for a call. Only Northflank's
 * newer API shows the permissions of a token. For the older API, the function returns null.
 */
function shown(auth: { data: unknown } | undefined): Shown {
  const ids = at(auth?.data, 'data', 'permissions', 'projectScope');
  const { update } = permissions;
  return ({ permission }) => {
    const one = Object.entries(permissions).find(
      ([name]) => permissionName(name as keyof typeof permissions) === permission,
    )?.[1];
    // One permission of the newer roles replaces several older permissions.
    const covered = one === update || one?.newer === update.name;
    return covered && Array.isArray(ids) && ids.includes(update.id)
      ? { may: true, said: `Northflank shows ${update.id} for the token` }
      : null;
  };
}

/** Returns the query for one line of the last minute of a log. */
function rangeOf() {
  const to = Date.now();
  return {
    queryType: 'range',
    startTime: new Date(to - 60_000).toISOString(),
    endTime: new Date(to).toISOString(),
    lineLimit: '1',
    direction: 'backward',
  };
}
