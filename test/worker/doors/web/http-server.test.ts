import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { createDoorServer } from '../../../../worker/doors/web/http-server.ts';
import { addressKey, createRates, createTurns } from '../../../../worker/doors/web/rates.ts';
import { createSeen } from '../../../../worker/doors/web/seen.ts';
import { startDoor } from '../../../support/door.ts';

type Settings = Parameters<typeof createDoorServer>[0];
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** Starts the network part of a door. Its answer to each call is the address of the caller. */
async function listening(settings: Partial<Settings> = {}) {
  const refused: string[] = [];
  const server = createDoorServer({
    origin: 'https://deploy.example.com',
    admit: () => {},
    answer: async ({ address }) => address,
    refused: ({ code }) => void refused.push(code),
    ...settings,
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, refused };
}

const head = (more = '') =>
  'POST /v1/registry HTTP/1.1\r\nhost: deploy.example.com\r\n' +
  `content-type: application/json\r\ncontent-length: 2\r\n${more}\r\n`;

/** Opens a connection, writes `text`, and returns what the server said before it closed. */
async function talk(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return await heard(socket);
}
async function heard(socket: Socket): Promise<string> {
  let said = '';
  socket.on('data', (chunk) => void (said += chunk));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}
const closing = 'connection: close\r\n';

describe('behind a proxy', () => {
  it('the caller is the last address that the proxy added', async () => {
    const { port } = await listening();
    const forged = `x-forwarded-for: 10.9.9.9, 203.0.113.7\r\n${closing}`;
    expect(await talk(port, `${head(forged)}{}`)).toContain('{"result":"203.0.113.7"}');
  });

  it('a browser is told to use https only', async () => {
    const { port } = await listening();
    expect(await talk(port, `${head(closing)}{}`)).toMatch(
      /\r\nstrict-transport-security: max-age=31536000\r\n/,
    );
  });
});

test('without a proxy, nobody chooses their own address', async () => {
  const { port } = await listening({ origin: 'http://127.0.0.1' });
  const text = head(`x-forwarded-for: 203.0.113.7\r\n${closing}`);
  const said = await talk(port, `${text.replace('deploy.example.com', '127.0.0.1')}{}`);
  expect(said).toContain('{"result":"127.0.0.1"}');
  expect(said).not.toContain('strict-transport-security');
});

const long = 60_000;
test.each([
  ['head', { headersMs: 200, requestMs: long }, 'POST /v1/registry HTTP/1.1\r\nhost: '],
  ['body', { headersMs: 200, requestMs: 400 }, head()],
])('a %s that does not end is not waited for', async (_, limits, text) => {
  const { port, refused } = await listening({ limits });
  const started = Date.now();
  expect(await talk(port, text)).toMatch(/^HTTP\/1.1 400/);
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(refused).toContain('bad-http');
});

test('a long head is refused', async () => {
  const { port, refused } = await listening();
  const text = `${head(`x-long: ${'x'.repeat(10_000)}\r\n${closing}`)}{}`;
  expect(await talk(port, text)).toMatch(/^HTTP\/1.1 400/);
  expect(refused).toEqual(['bad-http']);
});

test('one address has few connections, and all together have a limit', async () => {
  const own = await listening({
    origin: 'http://127.0.0.1',
    limits: { connectionsPerAddress: 3 },
  });
  const open = Array.from({ length: 3 }, () => connect(own.port, '127.0.0.1'));
  await Promise.all(open.map((socket) => once(socket, 'connect')));
  expect(await talk(own.port, head())).toBe('');
  expect(own.refused).toEqual(['too-many']);
  open[0]?.destroy();
  const again = () =>
    talk(own.port, `${head(closing).replace('deploy.example.com', '127.0.0.1')}{}`);
  await expect.poll(again).toContain('{"result":"127.0.0.1"}');
  const all = await listening({ limits: { connections: 2 } });
  const two = Array.from({ length: 2 }, () => connect(all.port, '127.0.0.1'));
  await Promise.all(two.map((socket) => once(socket, 'connect')));
  expect(await talk(all.port, head())).toBe('');
  expect(all.refused).toEqual(['too-many']);
  for (const socket of [...open, ...two]) socket.destroy();
});

test('with a certificate the door speaks TLS, and a wrong certificate is an error at the start', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-tls-'));
  const [cert, key] = [join(directory, 'crt'), join(directory, 'key')];
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const names = ['-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...make, ...names], { stdio: 'ignore' });
  const door = await startDoor({ tls: { cert, key } });
  const { hostname, port } = new URL(door.url);
  const headers = { 'content-type': 'application/json' };
  const status = await new Promise((resolve, reject) => {
    const ca = readFileSync(cert);
    const options = { hostname, port, path: '/v1/registry', method: 'POST', headers, ca };
    const sent = request({ ...options, checkServerIdentity: () => undefined }, (response) => {
      response.resume();
      resolve([response.statusCode, response.headers['strict-transport-security']]);
    });
    sent.on('error', reject).end('{}');
  });
  expect(status).toEqual([401, 'max-age=31536000']);
  await door.close();
  const wrong = startDoor({ tls: { cert: key, key } });
  await expect(wrong).rejects.toThrow(/^The door cannot use its certificate: /);
});

describe('limits', () => {
  it('refill over time, and each key has its own', () => {
    let now = 0;
    const rates = createRates({ perSecond: 2, burst: 3 }, () => now);
    const taken = (key: string) => [1, 2, 3, 4].map(() => rates.take(key));
    expect(taken('a')).toEqual([true, true, true, false]);
    expect(rates.take('b')).toBe(true);
    now += 500;
    expect([rates.take('a'), rates.take('a')]).toEqual([true, false]);
    now += 60_000;
    expect(taken('a')).toEqual([true, true, true, false]);
  });

  it('count a network of IPv6 as one address', () => {
    expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(addressKey('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(addressKey('::1')).toBe('0:0:0:0::/64');
    expect(addressKey('::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  it('let few jobs run, few wait, and refuse the others', async () => {
    const turn = createTurns({ most: 1, waiting: 1 }, () => new Error('full'));
    const first = Promise.withResolvers<void>();
    const jobs = [turn(() => first.promise), turn(async () => 'second')];
    await expect(turn(async () => 'third')).rejects.toThrow('full');
    first.resolve();
    expect(await Promise.all(jobs)).toEqual([undefined, 'second']);
    expect(await turn(async () => 'later')).toBe('later');
  });

  it('forget only the nonces that have ended, and refuse when there is no space', () => {
    let now = 0;
    const seen = createSeen(
      () => new Error('full'),
      () => now,
    );
    for (let at = 0; at < 50_000; at += 1)
      seen.use(`${at}`, { until: at < 10 ? 5 : 100, message: 'm', most: 1 });
    expect(() => seen.use('new', { until: 100, message: 'm', most: 1 })).toThrow('full');
    now = 6;
    expect(seen.use('new', { until: 100, message: 'm', most: 1 })).toBe(true);
    expect(seen.use('49999', { until: 100, message: 'm', most: 1 })).toBe(false);
  });
});
