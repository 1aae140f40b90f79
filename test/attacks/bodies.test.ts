import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSafeFetch } from '../../activities/lib/safe-fetch/safe-fetch.ts';
import { isConfigurableAddress } from '../../activities/lib/safe-fetch/public-address.ts';
import { request } from '../../activities/lib/http.ts';
import { Deployment } from '../../activities/platforms/vercel/api/shapes/deployment.ts';
import { readOutside } from '../../activities/platforms/vps/outside.ts';
import type { VpsTarget } from '../../domain/platforms/vps/target.ts';

const script = fileURLToPath(new URL('support/read-bodies.ts', import.meta.url));
const zeros = Buffer.alloc(64 * 1024);
const bomb = gzipSync(Buffer.alloc(64 << 20), { level: 9 });

/** Sends `part` again and again until the client closes the connection. */
const endless =
  (part: Buffer, headers: Record<string, string>): RequestListener =>
  (_, response) => {
    response.writeHead(200, headers);
    const push = (): void => {
      while (!response.destroyed)
        if (!response.write(part)) return void response.once('drain', push);
    };
    push();
  };
const bombs: Record<string, RequestListener> = {
  gzip: endless(bomb, { 'content-encoding': 'gzip' }),
  stream: endless(zeros, {}),
};

const servers: Server[] = [];
const urls: Record<string, string> = {};
beforeAll(async () => {
  for (const [name, answer] of Object.entries(bombs)) {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** The limit of a vendor's answer is 16 MB, so a few copies of it may be in memory. */
const limits = { host: 50, paths: 50, vendor: 120 };

test.each(
  Object.keys(bombs).flatMap((name) =>
    Object.entries(limits).map(([reader, limit]) => [name, reader, limit] as const),
  ),
)('a body without an end (%s) read by %s costs little memory', async (name, reader, limit) => {
  const run = promisify(execFile)(process.execPath, [script, urls[name] ?? '', reader]);
  const { mb, ms } = JSON.parse((await run).stdout) as { mb: number; ms: number };
  console.info(`${name} by ${reader}: ${Math.round(mb)} MB, ${Math.round(ms)} ms`);
  expect(mb).toBeLessThan(limit);
  expect(ms).toBeLessThan(8_000);
});

const metadata = [
  ...['169.254.169.254', '64:ff9b::a9fe:a9fe', '::a9fe:a9fe', '2002:a9fe:a9fe::'],
  ...['::ffff:169.254.169.254', '::ffff:0:a9fe:a9fe', '64:ff9b:1::a9fe:a9fe', 'fd00:ec2::254'],
  ...['168.63.129.16', '100.100.100.200', '2001:0:a9fe:a9fe::1'],
];
const hostOf = (address: string) => (address.includes(':') ? `[${address}]` : address);

test.each(metadata)('nothing leads to a metadata service: %s', async (address) => {
  expect(isConfigurableAddress(address)).toBe(false);
  const url = `http://${hostOf(address)}/latest/meta-data/`;
  const why = /is not an address of the public internet, so it was not contacted$/;
  const fetched = await createSafeFetch({ configured: [url] })(url, { timeoutMs: 300 });
  expect(fetched).toEqual({ answered: false, why: expect.stringMatching(why) });
  const signal = new AbortController().signal;
  const target = { health: url, version: null, heartbeat: null } as unknown as VpsTarget;
  const outside = await readOutside(target, { url } as never, signal);
  expect(outside.health.failure).toMatch(why);
});

test.each(['0.0.0.0', '[::]', '[::ffff:0.0.0.0]'])(
  'a request for a vendor judges the address too: %s',
  async (host) => {
    const reached: string[] = [];
    const inner = createServer((one, response) => {
      reached.push(one.url ?? '');
      response.end('inside');
    });
    await new Promise<void>((resolve) => void inner.listen(0, '::', resolve));
    servers.push(inner);
    const at = (name: string) => `http://${name}:${(inner.address() as AddressInfo).port}/`;
    const get = (url: string) => request({ method: 'GET', url, timeoutMs: 5_000 });
    await expect(get(at(host))).rejects.toThrow('no connection');
    expect(reached).toEqual([]);
    expect(await get(at('127.0.0.1'))).toMatchObject({ status: 200, text: 'inside' });
  },
);

test.each(['127.0.0.1:8233', '10.0.0.1', '[::1]', 'localhost', 'a.localhost', '169.254.169.254'])(
  'the bypass secret never goes to a host inside that the platform names: %s',
  (url) => {
    const answer = { id: 'dpl_1', url, createdAt: 1, readyState: 'READY' };
    expect(Deployment.safeParse(answer).success).toBe(false);
    expect(Deployment.safeParse({ ...answer, url: 'shop-1a2b.vercel.app' }).success).toBe(true);
  },
);

test('a redirect of a host is an answer and is never followed', async () => {
  const reached: string[] = [];
  const inner = createServer((one, response) => {
    reached.push(one.url ?? '');
    response.end('inside');
  });
  await new Promise<void>((resolve) => void inner.listen(0, '127.0.0.1', resolve));
  const to = `http://127.0.0.1:${(inner.address() as AddressInfo).port}/secret`;
  const site = createServer((_, response) => response.writeHead(302, { location: to }).end());
  await new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve));
  servers.push(inner, site);
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const target = { health: url, version: '/v', heartbeat: null } as unknown as VpsTarget;
  const signal = new AbortController().signal;
  const outside = await readOutside(target, { url } as never, signal);
  expect([outside.health.status, outside.version?.status, reached]).toEqual([302, 302, []]);
});
