import { service } from '../../../domain/platforms/northflank/calls.ts';
import type { LiveCheck } from '../../../domain/services/live.ts';
import { createLive, idAt } from '../../lib/live.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { resolveNorthflank } from './target.ts';

/** Tries every read that a deploy makes, at each service. Changes nothing. */
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
  await read({ call: `GET ${root}`, path });
  const builds = await read({
    call: `GET ${root}/build`,
    path: `${path}/build`,
    query: { per_page: 1 },
  });
  const buildId = idAt(builds?.data, 'data', 'builds', 0, 'id');
  if (buildId)
    await read({ call: `GET ${root}/build/{buildId}`, path: `${path}/build/${part(buildId)}` });
  for (const one of ['deployment', 'containers', 'ports', 'health-checks'])
    await read({ call: `GET ${root}/${one}`, path: `${path}/${one}` });
  // This answer contains the values of secrets, so it is read only where a deploy reads it.
  if (target.requiredVariables.length > 0)
    await read({ call: `GET ${root}/runtime-environment`, path: `${path}/runtime-environment` });
  const range = rangeOf();
  await read({ call: `GET ${root}/logs`, path: `${path}/logs`, query: range });
  if (buildId)
    await read({
      call: `GET ${root}/build-logs`,
      path: `${path}/build-logs`,
      query: { ...range, buildId },
    });
  return end('there is no build yet, or no deploy of this service makes this call');
}

/** The last minute of a log, one line. */
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
