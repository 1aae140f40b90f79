import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { calls, permissions } from '../../../../activities/platforms/northflank/api/permissions.ts';
import { northflankPlace, run } from '../../../activities/platforms/northflank/place.ts';
import type { NorthflankPlace } from '../../../activities/platforms/northflank/place.ts';
import { officialClient } from './northflank-fixture.ts';
import { clientVersion, vendorType } from './vendor-types.ts';

const service = '/v1/projects/openclaw/services/gateway';
/** The vendor's type of the answer to every call that the adapter makes. */
const types: Record<string, z.ZodType> = {
  [`GET ${service}`]: vendorType('GetServiceResult'),
  [`GET ${service}/build`]: vendorType('GetServiceBuildsResult'),
  [`GET ${service}/build/ID`]: vendorType('GetServiceBuildResult'),
  [`GET ${service}/deployment`]: vendorType('GetServiceDeploymentResult'),
  [`GET ${service}/health-checks`]: vendorType('GetServiceHealthchecksResult'),
  [`GET ${service}/containers`]: vendorType('GetServiceContainersResult'),
  [`GET ${service}/runtime-environment`]: vendorType('GetServiceRuntimeenvironmentResult'),
  [`POST ${service}/build`]: vendorType('StartServiceBuildResult'),
};
/**
 * Calls whose answers the client does not type, or types as any object: log lines, and the answer to
 * a deploy.
 */
const untyped = [`GET ${service}/logs`, `GET ${service}/build-logs`, `POST ${service}/deployment`];

type Answer = { call: string; data: unknown };
const answers: Answer[] = [];
let place: NorthflankPlace;
const real = globalThis.fetch;

beforeAll(async () => {
  place = await northflankPlace();
  const { origin } = new URL(place.northflank.address);
  globalThis.fetch = async (input, init) => {
    const answer = await real(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin || !answer.ok) return answer;
    const call = `${init?.method ?? 'GET'} ${url.pathname.replace(/(\/build\/).+/, '$1ID')}`;
    answers.push({ call, data: ((await answer.clone().json()) as { data: unknown }).data });
    return answer;
  };
  const target = { ...place.target, requiredVariables: ['GATEWAY_TOKEN'] };
  const sha = place.shas[1]!;
  await place.driver.guards(place.plan());
  await place.driver.variables(target);
  await place.driver.inspect(place.target);
  await place.deployRelease(sha, await place.build(sha));
  await run(place.driver.lastLines, place.plan({ sha }));
  await run(place.do.rollBackDeployment, place.back());
});
afterAll(async () => {
  globalThis.fetch = real;
  await place.close();
});

const problemsOf = ({ call, data }: Answer) =>
  types[call]
    ?.safeParse(data)
    .error?.issues.map(({ path, message }) => `${call}: ${path.join('.')}: ${message}`) ?? [];

test('every answer that the adapter read has the types of the official client, and nothing more', () => {
  expect(clientVersion).toBe('0.9.5');
  expect(new Set(answers.map(({ call }) => call))).toEqual(
    new Set([...Object.keys(types), ...untyped]),
  );
  expect([...new Set(answers.flatMap(problemsOf))]).toEqual([]);
});

test('an answer with one field more, one less, or another word is refused', () => {
  const [whole] = answers.filter(({ call }) => call === `GET ${service}`);
  const { call, data } = whole as { call: string; data: Record<string, unknown> };
  const { disabledCD: _, ...less } = data;
  expect(problemsOf({ call, data: { ...data, surprise: 1 } })).toEqual([
    `${call}: : Unrecognized key: "surprise"`,
  ]);
  expect(problemsOf({ call, data: less })).toHaveLength(1);
  expect(problemsOf({ call, data: { ...data, serviceType: 'cron' } })).toHaveLength(1);
  const deeper = { ...(data['deployment'] as object), strategy: { type: 'teleport' } };
  expect(problemsOf({ call, data: { ...data, deployment: deeper } })).toHaveLength(1);
});

type Endpoint = {
  method: string;
  requiredPermissions: string;
  endpointUrl(options: object): string;
};
const endpointsIn = (value: unknown): Endpoint[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'endpointUrl' in value && 'method' in value ? [value as Endpoint] : [];
  const skipped = new Set(['contextProvider', 'opts', 'call']);
  const below = Object.entries(value).filter(([key]) => !skipped.has(key));
  return [...own, ...below.flatMap(([, one]) => endpointsIn(one))];
};

/** The permission that the official client names for every method and path. */
async function officialPermissions() {
  const client = await officialClient('http://127.0.0.1:1');
  const parameters = { projectId: 'P', serviceId: 'S', buildId: 'B' };
  const named = new Map<string, string>();
  for (const one of endpointsIn((client as unknown as { endpoints: object }).endpoints)) {
    try {
      const path = one.endpointUrl({ parameters, options: {} });
      named.set(`${one.method.toUpperCase()} ${path}`, one.requiredPermissions);
    } catch {
      // The endpoint is not about a service.
    }
  }
  return named;
}

test('the permission of every call is the one that the official client names', async () => {
  const named = await officialPermissions();
  const filled = (path: string) =>
    `/v1/projects/P/${path.startsWith('services/') ? path : `services/S${path}`}`
      .replace('{service}', 'S')
      .replace('{build}', 'B');
  const differing = Object.values(calls).flatMap(({ method, path, permission }) => {
    const official = named.get(`${method} ${filled(path)}`) ?? 'none';
    const { name } = permissions[permission];
    return official === name ? [] : [`${method} ${path}: ${official}, not ${name}`];
  });
  // The client 0.9.5 has no gradual rollout. For logs it has one generic endpoint for services, jobs
  // and addons: the name of that permission is on the page "Get service logs".
  expect(differing).toEqual([
    'GET /rollout: none, not Project > Services > General > Read',
    'GET /logs: none, not Project > Services > Deployment > View Instance Logs',
    'GET /build-logs: none, not Project > Services > Deployment > View Instance Logs',
  ]);
});
