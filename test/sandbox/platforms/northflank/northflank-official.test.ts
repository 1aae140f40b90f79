import { expect, test } from 'vitest';
import { calls } from '../../../../activities/platforms/northflank/api/calls.ts';
import { service as table } from '../../../../domain/platforms/northflank/calls.ts';
import {
  permissionName,
  permissions,
} from '../../../../domain/platforms/northflank/permissions.ts';
import { record } from '../../../../sandbox/http.ts';
import type { Exchange } from '../../../../sandbox/http.ts';
import { problemsOf } from '../../../contract/problems.ts';
import { northflankFixture, officialClient } from './northflank-fixture.ts';

test('an answer with one field more, one less, or another word is refused', async () => {
  const answers: Exchange[] = [];
  const fixture = await northflankFixture();
  const stop = record((answer) => answers.push(answer));
  await fixture.api();
  stop();
  await fixture.close();
  const [whole] = answers as [Exchange];
  const { data } = whole.body as { data: Record<string, unknown> };
  const { disabledCD: _, ...less } = data;
  const told = (other: object) => problemsOf({ ...whole, body: { data: other } });
  const service = 'northflank GET /v1/projects/{projectId}/services/{serviceId} 200';
  expect(await told(data)).toEqual([]);
  expect(await told({ ...data, surprise: 1 })).toEqual([
    `${service}: the root: the vendor has no field "surprise"`,
  ]);
  expect(await told(less)).toEqual([
    `${service}: the root: must have required property 'disabledCD'`,
  ]);
  expect(await told({ ...data, serviceType: 'cron' })).toEqual([
    `${service}: serviceType: must be equal to one of the allowed values`,
  ]);
  const deeper = { ...(data['deployment'] as object), strategy: { type: 'teleport' } };
  expect(await told({ ...data, deployment: deeper })).not.toEqual([]);
});

test('the table of calls has every call of the adapter, with its permission', () => {
  const root = '/v1/projects/{projectId}/services';
  const asked = Object.values(calls).map(({ method, path, permission }) => {
    const whole = path.startsWith('services/')
      ? path.slice('services'.length)
      : `/{service}${path}`;
    const call = `${method} ${root}${whole}`;
    const written = call.replace('{service}', '{serviceId}').replace('{build}', '{buildId}');
    return `${written}: ${permissionName(permission)}`;
  });
  const others = table.calls.filter(({ call }) => call !== 'GET /v1/auth');
  const named = others.map(({ call, permission }) => `${call}: ${permission}`);
  expect(new Set(named)).toEqual(new Set(asked));
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
