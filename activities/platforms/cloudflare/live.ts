import { service } from '../../../domain/platforms/cloudflare/calls.ts';
import type { LiveCheck } from '../../../domain/services/live.ts';
import { createLive, idAt } from '../../lib/live.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { invocationsQuery } from './api/analytics.ts';
import { nameOf, variableOf } from './place.ts';
import { resolveCloudflare } from './target.ts';

/** Tries every read of a deploy, for each Worker. Changes nothing. */
export const live = (places: readonly PlaceOn<'cloudflare'>[], deps: DoctorDeps): LiveCheck[] =>
  places.map(({ project, environment }) => {
    const target = resolveCloudflare({ project, environment });
    const variable = variableOf(target.token);
    const name = nameOf(target);
    const needs = deps.isSet(target.token) ? null : variable;
    return { name, needs, run: () => tryAll(target, deps, { name, variable }) };
  });

const script = '/accounts/{account_id}/workers/scripts/{script_name}';
/** Returns the meaning of the status 404, or null for any other status. */
const absent = (status: number) => (status === 404 ? 'the Worker does not exist yet' : null);
/**
 * Returns the reason why Cloudflare did not verify the token, or null. Cloudflare verifies the
 * token of a person and the token of an account at different addresses.
 */
const otherKind = (status: number) =>
  [400, 401, 403, 404].includes(status) ? 'the token is not of this kind' : null;

async function tryAll(
  target: ReturnType<typeof resolveCloudflare>,
  { secret }: DoctorDeps,
  { name, variable }: { name: string; variable: string },
) {
  const { account, worker } = target;
  const api = target.api.replace(/\/$/, '');
  const token = secret(target.token);
  const { read, end } = createLive({ service, place: name, api, token, variable });
  const workers = `/accounts/${account}/workers`;
  const path = `${workers}/scripts/${encodeURIComponent(worker)}`;
  const person = await read({
    call: 'GET /user/tokens/verify',
    path: '/user/tokens/verify',
    none: otherKind,
  });
  // Only a refusal at both addresses is an error.
  await read({
    call: 'GET /accounts/{account_id}/tokens/verify',
    path: `/accounts/${account}/tokens/verify`,
    ...(person ? { none: otherKind } : {}),
  });
  await read({ call: `GET ${script}/deployments`, path: `${path}/deployments`, none: absent });
  const versions = await read({
    call: `GET ${script}/versions`,
    path: `${path}/versions`,
    query: { deployable: true },
    none: absent,
  });
  const id = idAt(versions?.data, 'result', 'items', 0, 'id');
  if (id)
    await read({ call: `GET ${script}/versions/{version_id}`, path: `${path}/versions/${id}` });
  await read({
    call: 'GET /accounts/{account_id}/workers/services/{name}',
    path: `${workers}/services/${encodeURIComponent(worker)}`,
    none: absent,
  });
  for (const one of ['settings', 'secrets', 'subdomain'])
    await read({ call: `GET ${script}/${one}`, path: `${path}/${one}`, none: absent });
  await read({
    call: 'GET /accounts/{account_id}/workers/subdomain',
    path: `${workers}/subdomain`,
  });
  await read({ call: 'POST /graphql', path: '/graphql', body: trafficOf(account, worker) });
  return end((call) =>
    call.includes(' /zones')
      ? 'only routes need it; plimsoll doctor without --live tries it'
      : 'the Worker has no version yet',
  );
}

/** Returns the GraphQL query for the requests of the last minute. */
function trafficOf(account: string, worker: string) {
  const to = Date.now();
  const from = new Date(to - 60_000).toISOString();
  const variables = { account, script: worker, from, to: new Date(to).toISOString() };
  return { query: invocationsQuery, variables };
}
