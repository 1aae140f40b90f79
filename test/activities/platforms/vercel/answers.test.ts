import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVercel } from '../../../../activities/platforms/vercel/api/client.ts';
import { project } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import { failureText } from './failure-text.ts';

describe('an answer that is none', () => {
  let server: Server;
  let answer: { status: number; body: string; headers?: Record<string, string> };
  const seen: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  });
  afterAll(() => void server.close());
  const client = () => {
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return createVercel({ api, token: 'vcp_sandbox', variable: 'VERCEL_TOKEN', team: 'team_acme' });
  };
  const where = { project, projectId: 'prj_1' };
  const deployment = {
    id: 'dpl_1',
    url: 'barber-crm-abc.vercel.app',
    createdAt: 1,
    readyState: 'READY',
  };
  const json = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });

  test('not JSON, and a missing field: never a pass', async () => {
    answer = { status: 200, body: '<html>Bad gateway</html>' };
    expect(await failureText(client().project(project))).toMatchObject({
      type: 'Unavailable',
      lines: [
        'Vercel answered the request for the project barber-crm in an unknown form (not JSON).',
      ],
    });
    answer = json({ id: 'prj_1', name: project });
    expect((await failureText(client().project(project))).lines).toEqual([
      'Vercel answered the request for the project barber-crm in an unknown form ("accountId").',
    ]);
    answer = json([]);
    expect((await failureText(client().deployments(where))).lines).toEqual([
      'Vercel answered the request for the deployments of barber-crm in an unknown form (its root).',
    ]);
    for (const field of ['id', 'url', 'createdAt', 'readyState'] as const) {
      answer = json({ ...deployment, [field]: undefined });
      const read = client().deployment({ project, id: 'dpl_1' });
      expect((await failureText(read)).lines[0]).toContain(`an unknown form ("${field}")`);
    }
  });

  test('after an act it may have happened', async () => {
    answer = json({});
    const from = { deployment: 'dpl_1' };
    const call = client().createDeployment({ ...where, releaseId: 'r', from });
    expect(await failureText(call)).toMatchObject({ type: 'UnknownOutcome' });
    answer = json({ autoAssignCustomDomains: true });
    const off = await failureText(client().setAutoAssign(project, false));
    expect(off).toMatchObject({ type: 'UnknownOutcome' });
    answer = { status: 200, body: '' };
    const promoted = await failureText(client().promote({ ...where, id: 'dpl_1' }));
    expect(promoted).toMatchObject({ type: 'UnknownOutcome' });
  });

  test('a word that is new is unknown, and no error', async () => {
    answer = json({ ...deployment, readyState: 'LAUNCHING', readySubstate: 'ORBITING' });
    expect(await client().deployment({ project, id: 'dpl_1' })).toMatchObject({
      state: 'unknown',
      substate: 'unknown',
      origin: 'https://barber-crm-abc.vercel.app',
    });
  });

  test('a deployment tells where it is from, and that it holds uncommitted changes', async () => {
    const meta = { gitlabCommitSha: 'abc', gitDirty: '1', releaseId: 'release-7' };
    answer = json({ ...deployment, meta, source: 'cli', aliasError: { code: 'alias_in_use' } });
    expect(await client().deployment({ project, id: 'dpl_1' })).toMatchObject({
      commit: 'abc',
      dirty: true,
      built: null,
      source: 'cli',
      releaseId: 'release-7',
      problem: 'alias_in_use',
    });
  });

  test('a project that does not say so assigns its domains by itself', async () => {
    answer = json({ id: 'prj_1', name: project, accountId: 'team_acme' });
    expect(await client().project(project)).toMatchObject({ assignsDomains: true, live: null });
  });

  test('a domain of another project, or another host, points at no deployment of ours', async () => {
    const ours = { alias: 'shop.example', projectId: 'prj_1', deploymentId: 'dpl_1' };
    const points = async (over: object) => {
      answer = json({ ...ours, ...over });
      return await client().pointsAt({ ...where, domain: 'shop.example' });
    };
    expect(await points({})).toBe('dpl_1');
    expect(await points({ projectId: 'prj_2' })).toBeNull();
    expect(await points({ alias: 'www.shop.example' })).toBeNull();
  });

  test('the token follows no redirect', async () => {
    answer = { status: 302, body: '', headers: { location: '/stolen' } };
    expect((await failureText(client().project(project))).lines[0]).toContain('HTTP 302');
    expect(seen).not.toContain('/stolen');
  });

  test('the plan does not include it', async () => {
    const error = { code: 'payment_required', message: 'Upgrade, token=abcdef123' };
    answer = { status: 402, body: JSON.stringify({ error }) };
    expect(
      (await failureText(client().assignAlias({ project, id: 'dpl_1', domain: 'd' }))).lines,
    ).toEqual([
      'Vercel refused the request for pointing d of barber-crm at dpl_1 (402, not included in the Vercel plan).',
      "Vercel's reason: payment_required: Upgrade, token=….",
      "Check the project barber-crm in Vercel's dashboard, then deploy again.",
    ]);
  });

  test('a list that never ends is no list', async () => {
    let next = 10_000;
    server.removeAllListeners('request');
    server.on('request', (_, response) => {
      next -= 1;
      response.end(JSON.stringify({ deployments: [], pagination: { next } }));
    });
    await expect(client().deployments(where)).rejects.toThrow(
      'A list at Vercel has more than 20 pages, so Plimsoll did not read it completely.',
    );
  });
});
