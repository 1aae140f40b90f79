import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { bypass, project, vercelFixture } from './vercel-fixture.ts';
import type { VercelFixture } from './vercel-fixture.ts';

let fixture: VercelFixture;
afterEach(() => fixture.close());

const start = async (options: Parameters<typeof vercelFixture>[0] = {}) => {
  fixture = await vercelFixture(options);
  return fixture;
};
const get = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(url, { headers, redirect: 'manual' });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
};
const production = () => fixture.vercel.origins(project)[0] ?? '';
const originOf = async (id: string) => (await fixture.client.deployment({ project, id }))!.origin;
const withBypass = { 'x-vercel-protection-bypass': bypass };

describe('what is served', () => {
  test.each([
    ['login-page', 401],
    ['redirect', 302],
  ] as const)('stands behind the %s, and the production domain does not', async (kind, status) => {
    const { live } = await start({ protection: kind });
    const origin = await originOf(live);
    expect((await get(origin)).status).toBe(status);
    expect((await get(origin, { 'x-vercel-protection-bypass': 'guess' })).status).toBe(status);
    expect((await get(origin, withBypass)).body).toBe('home of good 1');
    expect((await get(`${origin}?x-vercel-protection-bypass=${bypass}`)).status).toBe(200);
    expect((await get(production())).body).toBe('home of good 1');
  });

  test('a redirect leads to the login of Vercel, away from the deployment', async () => {
    const { live } = await start({ protection: 'redirect' });
    const { status, headers } = await get(await originOf(live));
    const { origin, pathname } = new URL(headers.get('location') ?? '');
    expect([status, origin, pathname]).toEqual([302, 'https://vercel.com', '/sso-api']);
  });

  test.each([
    ['crashesAtStart', 500, 'FUNCTION_INVOCATION_FAILED', 30_000],
    ['wrongPort', 504, 'FUNCTION_INVOCATION_TIMEOUT', 300],
  ] as const)(
    'a release that %s answers as a function does',
    async (sample, status, code, startMs) => {
      const { push, ended } = await start({ startMs });
      const { id } = await push(samples[sample]());
      await ended(id);
      const answer = await get(await originOf(id), withBypass);
      expect([answer.status, answer.headers.get('x-vercel-error')]).toEqual([status, code]);
    },
  );

  test('a tree without a server is not found', async () => {
    const { repositories, push, ended } = await start();
    const none = { 'server.mjs': null, 'README.md': 'no server\n' };
    await repositories.commit('acme/barber-crm', { files: none, message: 'Remove the server' });
    const { id } = await push({ 'README.md': 'none\n' });
    await ended(id);
    expect((await get(await originOf(id), withBypass)).status).toBe(404);
  });

  test('the truth is read from the process that answers', async () => {
    const { vercel, first } = await start();
    expect((await vercel.truth())[0]?.served).toMatchObject([{ sha: first, running: null }]);
    await get(production());
    expect((await vercel.truth())[0]?.served).toMatchObject([{ sha: first, running: first }]);
  });
});

describe('webhooks', () => {
  type Heard = { id: string; type: string; signed: boolean; payload: unknown };
  const secret = 'webhook-secret';
  const receiver = async () => {
    const heard: Heard[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks);
      const wanted = createHmac('sha1', secret).update(raw).digest('hex');
      const { id, type, payload } = JSON.parse(raw.toString()) as Omit<Heard, 'signed'>;
      heard.push({ id, type, payload, signed: request.headers['x-vercel-signature'] === wanted });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { heard, url, close: () => server.close() };
  };

  test('are signed, and tell the deployment', async () => {
    const { heard, url, close } = await receiver();
    const { push, ended, vercel } = await start({ webhooks: { url, secret } });
    const { id } = await push(samples.good(2));
    await ended(id);
    await vercel.idle();
    const ours = heard.filter(({ payload }) => JSON.stringify(payload).includes(id));
    expect(ours.map(({ type }) => type).toSorted()).toEqual([
      'deployment.created',
      'deployment.ready',
      'deployment.succeeded',
    ]);
    expect(heard.every(({ signed }) => signed)).toBe(true);
    close();
  });

  test('come twice with the same id, and in another order, where that is switched on', async () => {
    const { heard, url, close } = await receiver();
    const more = { duplicates: true, reordered: true };
    const { push, ended, vercel, client } = await start({ webhooks: { url, secret, ...more } });
    const { id } = await push(samples.good(2));
    await ended(id);
    await vercel.idle();
    expect(heard.length).toBe(new Set(heard.map((one) => one.id)).size * 2);
    expect(heard.slice(-4).map(({ type }) => type)).toEqual([
      'deployment.ready',
      'deployment.ready',
      'deployment.succeeded',
      'deployment.succeeded',
    ]);
    // A webhook is only a hint. The API reports the true state.
    expect((await client.deployment({ project, id }))?.state).toBe('READY');
    close();
  });
});
