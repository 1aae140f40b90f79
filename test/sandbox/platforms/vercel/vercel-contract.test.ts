import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { record } from '../../../../sandbox/http.ts';
import type { Exchange } from '../../../../sandbox/http.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { problemsOf } from '../../../contract/problems.ts';
import { compare, official } from './vercel-contract.ts';
import { project, token, vercelFixture } from './vercel-fixture.ts';
import type { VercelFixture } from './vercel-fixture.ts';

let fixture: VercelFixture;
let staged: { sha: string; id: string };
let failed: { sha: string; id: string };
const broken = { 'package.json': '{"scripts":{"build":"echo no types >&2; exit 2"}}' };

beforeAll(async () => {
  const variable = { key: 'DATABASE_URL', value: 'postgres://x', target: ['production' as const] };
  fixture = await vercelFixture({ project: { variables: [variable] }, shared: [variable] });
  failed = await fixture.push({ ...samples.good(2), ...broken });
  await fixture.ended(failed.id);
  staged = await fixture.push({ ...samples.good(3), 'package.json': '{}' });
  await fixture.ended(staged.id);
  await fixture.client.promote({ ...fixture.where, id: staged.id });
  await fixture.moved();
});
afterAll(() => fixture.close());

const ask = async (path: string, method = 'GET', body?: unknown): Promise<unknown> => {
  const url = new URL(`${fixture.vercel.address}${path}`);
  url.searchParams.set('teamId', fixture.vercel.team.id);
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return await answer.json();
};

const runtimeRow = async () => {
  const url = `${fixture.vercel.address}/v1/projects/${fixture.where.projectId}/deployments/${staged.id}/runtime-logs`;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}?teamId=${fixture.vercel.team.id}`, { headers });
  await fetch(fixture.vercel.origins(project)[0] ?? '');
  const { value } = await answer.body!.getReader().read();
  return JSON.parse(new TextDecoder().decode(value as Uint8Array).split('\n')[0] ?? '') as unknown;
};

type Case = [keyof typeof official, () => Promise<unknown>];
const cases: Case[] = [
  ['Project', () => ask(`/v9/projects/${project}?rollbackInfo=true`)],
  ['Updated', () => ask(`/v9/projects/${project}`, 'PATCH', { autoAssignCustomDomains: false })],
  ['Deployments', () => ask('/v7/deployments')],
  ['Deployment', () => ask(`/v13/deployments/${staged.id}`)],
  ['Deployment', () => ask(`/v13/deployments/${failed.id}`)],
  [
    'Deployment',
    () =>
      ask('/v13/deployments', 'POST', {
        name: project,
        target: 'production',
        deploymentId: staged.id,
        meta: { releaseId: 'r1' },
      }),
  ],
  ['AliasMoves', () => ask(`/v1/projects/${fixture.where.projectId}/promote/aliases`)],
  ['DeploymentAliases', () => ask(`/v2/deployments/${staged.id}/aliases`)],
  [
    'Assigned',
    async () => {
      const alias = fixture.vercel.origins(project)[0]?.slice('http://'.length);
      return await ask(`/v2/deployments/${staged.id}/aliases`, 'POST', { alias });
    },
  ],
  ['Variables', () => ask(`/v10/projects/${project}/env`)],
  ['SharedVariables', () => ask('/v1/env')],
  [
    'BuildEvent',
    async () => ((await ask(`/v3/deployments/${failed.id}/events?limit=-1`)) as unknown[])[3],
  ],
  ['RuntimeRow', runtimeRow],
];

describe('what it answers is what Vercel’s SDK knows', () => {
  test.each(cases)('%s', async (name, answer) => {
    expect(compare(official[name], await answer())).toEqual([]);
  });

  test('Cancelled', async () => {
    const { vercel, push } = fixture;
    vercel.hold(project, 'builds');
    const { id } = await push(samples.good(4));
    const answer = await ask(`/v12/deployments/${id}/cancel`, 'PATCH');
    vercel.letGo(project, 'builds');
    expect(compare(official.Cancelled, answer)).toEqual([]);
  });

  test('promote and rollback answer without a body', async () => {
    const { vercel, live, where, moved } = fixture;
    const post = (path: string) =>
      fetch(`${vercel.address}/${path}?teamId=${vercel.team.id}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
    const back = await post(`v1/projects/${where.projectId}/rollback/${live}`);
    expect([back.status, await back.text()]).toEqual([201, '']);
    await moved();
    const on = await post(`v10/projects/${where.projectId}/promote/${staged.id}`);
    expect([on.status, await on.text()]).toEqual([201, '']);
    await moved();
  });
});

describe('the comparison sees', () => {
  const deployment = async () =>
    (await ask(`/v13/deployments/${staged.id}`)) as Record<string, unknown>;

  test('a missing string, which the SDK reads as ""', async () => {
    const { url: _, ...rest } = await deployment();
    expect(compare(official.Deployment, rest)).toEqual(['url: missing']);
  });

  test('a missing number, which the SDK reads as 0', async () => {
    const { createdAt: _, ...rest } = await deployment();
    expect(compare(official.Deployment, rest)).toEqual(['createdAt: missing']);
  });

  test('a key that Vercel does not have', async () => {
    const sent = { ...(await deployment()), readyForShipping: true };
    expect(compare(official.Deployment, sent)).toEqual(['readyForShipping: unknown']);
  });

  test('a state that Vercel does not have, and a missing part', async () => {
    const sent = { ...(await deployment()), readyState: 'SHIPPED' };
    expect(() => compare(official.Deployment, sent)).toThrow(/invalid_enum_value/);
    const { creator: _, ...rest } = await deployment();
    expect(() => compare(official.Deployment, rest)).toThrow(/Required/);
  });

  test('a number where a string belongs', async () => {
    const sent = { ...(await deployment()), name: 7 };
    expect(compare(official.Deployment, sent)).toEqual(['name: another value']);
  });
});

test('a domain with a field of another type is told', async () => {
  const answers: Exchange[] = [];
  const domain = fixture.vercel.origins(project)[0]?.slice('http://'.length) ?? '';
  const stop = record((answer) => answers.push(answer));
  await fixture.client.domain({ ...fixture.where, domain });
  stop();
  const [answer] = answers as [Exchange];
  expect(await problemsOf(answer)).toEqual([]);
  const body = { ...(answer.body as object), gitBranch: 7 };
  expect(await problemsOf({ ...answer, body })).toEqual([
    'vercel GET /v9/projects/{idOrName}/domains/{domain} 200: gitBranch: another value',
  ]);
});
