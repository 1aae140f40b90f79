import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGateway } from '../../../activities/builds/gateway.ts';
import type { Gateway } from '../../../activities/builds/gateway.ts';

let directory: string;
let server: Server;
let port = 0;
let gateway: Gateway;
let socket: string;
const names: Record<string, string[]> = {
  'public.example': ['93.184.216.34'],
  'both.example': ['93.184.216.34', '10.0.0.1'],
  'private.example': ['10.0.0.1'],
  'registry.internal': ['127.0.0.1'],
  localhost: ['127.0.0.1'],
};
const resolve = async (host: string) => names[host] ?? (/^[\d.:a-f]+$/.test(host) ? [host] : []);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-gateway-'));
  socket = join(directory, 'gateway.sock');
  server = createServer((asked, answer) => answer.end(`served ${asked.url}`)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
  const hosts = [`registry.internal:${port}`];
  gateway = await openGateway({ socket, hosts, upstream: null, resolve });
});
afterAll(async () => {
  await gateway.close();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

/** Returns the first line of the gateway's answer to a request for a tunnel. */
async function tunnel(place: string): Promise<string> {
  const one = connect(socket);
  one.write(`CONNECT ${place} HTTP/1.1\r\nhost: ${place}\r\n\r\n`);
  const [chunk] = (await once(one, 'data')) as [Buffer];
  one.destroy();
  return chunk.toString().split('\r\n')[0] ?? '';
}

async function get(url: string) {
  const asked = request({ socketPath: socket, path: url, agent: false });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

test('a host that plimsoll.yaml names is reached, although its address is private', async () => {
  expect(await tunnel(`registry.internal:${port}`)).toBe('HTTP/1.1 200 Connection established');
  expect(await get(`http://registry.internal:${port}/a?b=1`)).toEqual({
    status: 200,
    body: 'served /a?b=1',
  });
});

test.each([
  ...['127.0.0.1:7233', 'localhost:7233', '[::1]:7233', '[::ffff:127.0.0.1]:7233', '0.0.0.0:7233'],
  ...['169.254.169.254:80', 'private.example:443', 'both.example:443', '2130706433:7233'],
  'registry.internal:7233',
])('%s is refused', async (place) => {
  expect(await tunnel(place)).toBe('HTTP/1.1 403 Forbidden');
  expect((await get(`http://${place}/`)).status).toBe(403);
});

test('an unknown name is no refusal, and every refusal can be told', async () => {
  expect(await tunnel('unknown.example:443')).toBe('HTTP/1.1 502 Bad Gateway');
  expect(gateway.refused()).toContain('127.0.0.1:7233');
  expect(gateway.refused()).not.toContain('unknown.example:443');
  expect(gateway.refused().length).toBeLessThanOrEqual(5);
});

test('only http and https addresses are understood', async () => {
  expect((await get('ftp://public.example/')).status).toBe(403);
  expect((await get('/')).status).toBe(403);
});

test('a connection to the end of the gateway stays open until then', async () => {
  const at = join(directory, 'life.sock');
  const short = await openGateway({ socket: at, hosts: [], upstream: null, resolve });
  const life = connect(at);
  life.write('CONNECT worker:1 HTTP/1.1\r\nhost: worker:1\r\n\r\n');
  const closed = once(life, 'close');
  const early = await Promise.race([closed, new Promise((done) => setTimeout(done, 100, 'open'))]);
  expect(early).toBe('open');
  await short.close();
  await closed;
});
