import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as plain } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { accessTo } from '../../../activities/lib/access.ts';
import { askPaths, isHealthy, otherVersion, readOutside } from '../../../activities/lib/health.ts';
import { probe } from '../../../activities/lib/probe.ts';
import { byPlatform } from '../../../activities/platforms/driver.ts';
import { createSmoke } from '../../../activities/watch/smoke.ts';
import { ProbeHeaders } from '../../../domain/config/words.ts';
import { timing } from '../../../domain/deploy/timing.ts';
import { planFor } from '../../support/plan.ts';
import { failureOf, run } from '../platforms/vps/fixture.ts';

const secretValue = `Basic ${Buffer.from('ana:pa"ss\\word').toString('base64')}`;
const root = mkdtempSync(join(tmpdir(), 'access-'));
const seen: (string | undefined)[] = [];
const servers: Server[] = [];
let site: string;
let tls: string;
let other: string;
let fingerprint: string;

const listen = (server: Server) =>
  new Promise<number>((resolve) => {
    servers.push(server);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

beforeAll(async () => {
  const subject = [
    '-subj',
    '/CN=staging',
    '-days',
    '2',
    '-keyout',
    join(root, 'key'),
    '-out',
    join(root, 'cert'),
  ];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], {
    stdio: 'ignore',
  });
  const printed = execFileSync(
    'openssl',
    ['x509', '-noout', '-fingerprint', '-sha256', '-in', join(root, 'cert')],
    { encoding: 'utf8' },
  );
  fingerprint = printed.trim().split('=')[1]!.replaceAll(':', '');
  const guarded = plain((request, response) => {
    seen.push(request.headers.authorization);
    if (request.url === '/away')
      return void response.writeHead(302, { location: `${other}/x` }).end();
    response.writeHead(request.headers.authorization === secretValue ? 200 : 401).end('abc');
  });
  site = `http://127.0.0.1:${await listen(guarded)}`;
  const elsewhere = plain((request, response) => {
    seen.push(request.headers.authorization);
    response.end('ok');
  });
  other = `http://127.0.0.1:${await listen(elsewhere)}`;
  const certificate = {
    key: readFileSync(join(root, 'key')),
    cert: readFileSync(join(root, 'cert')),
  };
  tls = `https://127.0.0.1:${await listen(createServer(certificate, (_, response) => response.end('ok')))}`;
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
});
beforeEach(() => {
  seen.length = 0;
  vi.stubEnv('STAGING_AUTH', `${secretValue}\n`);
});

const headers = { Authorization: 'env:STAGING_AUTH' };

describe('a site behind basic auth', () => {
  test('is healthy only with the headers', async () => {
    expect(await isHealthy({ url: site, health: '/healthz' })).toBe(false);
    expect(await isHealthy({ url: site, health: '/healthz', headers })).toBe(true);
  });

  test('is smoke tested, and asked for its version and health, with the headers', async () => {
    const smoke = { auth: '/login', payments: 'n/a: none', core: '/' };
    const answers = await askPaths(
      { origin: site, access: { headers }, health: '/healthz', name: 'it' },
      { smoke, confirmMs: 1 },
    );
    expect(answers.map(({ result }) => result.ok)).toEqual([true, true, true]);
    expect(await otherVersion({ origin: site, version: '/v', access: { headers } }, 'abc')).toEqual(
      [],
    );
    const outside = await readOutside({ url: site, health: '/healthz', version: '/v', headers });
    expect([outside.health.status, outside.version?.status]).toEqual([200, 200]);
  });

  test('is smoke tested by the deploy with the headers of its target', async () => {
    const { target } = planFor({});
    const at = { ...target, headers, hosts: [{ name: 'one', url: site }] };
    const smoke = { auth: 'n/a: none', payments: 'n/a: none', core: '/' };
    const driverOf = () => ({ processes: byPlatform }) as never;
    const { ok } = await run(createSmoke({ driverOf }).runSmoke, {
      deploy: { ...planFor({}), sha: 'abc' },
      target: at,
      smoke,
      timing: timing(1000),
    } as never);
    expect(ok).toBe(true);
  });

  test('does not pass its headers on to another site', async () => {
    await probe(`${site}/away`, accessTo({ headers }));
    expect(seen).toEqual([secretValue]);
  });

  test('needs the variable, which is named without its value', async () => {
    vi.stubEnv('STAGING_AUTH', '');
    expect(await failureOf(isHealthy({ url: site, health: '/', headers }))).toEqual({
      type: 'Misconfigured',
      final: true,
      message:
        'The worker\'s environment has no STAGING_AUTH, which the configuration reads as "env:STAGING_AUTH".\n' +
        'Set STAGING_AUTH where the worker is started, and start the worker again.',
    });
    vi.stubEnv('STAGING_AUTH', 'Basic a\nb');
    const failure = await failureOf(isHealthy({ url: site, health: '/', headers }));
    expect(failure.message).toBe(
      'The value of STAGING_AUTH cannot be sent as a header of a probe: it must be one line of ASCII characters.\n' +
        'Set it again where the worker is started, and start the worker again.',
    );
  });

  test.each([
    [{ Authorization: 'Basic abc' }, 'use env:NAME, never the secret itself'],
    [
      { Authorization: 'env:X', authorization: 'env:Y' },
      'use each header once: capital and small letters are the same',
    ],
    [{ Host: 'env:X' }, 'use another header, because probes set this one'],
    [{ 'Content-Length': 'env:X' }, 'use another header, because probes set this one'],
    [{ 'a b': 'env:X' }, 'use the name of a header, such as Authorization'],
  ])('refuses %o in plimsoll.yaml', (value, why) => {
    expect(ProbeHeaders.safeParse(value).error?.issues[0]?.message).toBe(why);
  });
});

describe('a self-signed certificate', () => {
  test('is refused without its fingerprint', async () => {
    expect((await probe(tls)).ok).toBe(false);
  });

  test('is accepted with its fingerprint', async () => {
    expect((await probe(tls, { certificates: [fingerprint] })).ok).toBe(true);
  });

  test('is refused with the fingerprint of another certificate', async () => {
    const { ok, detail } = await probe(tls, { certificates: ['A'.repeat(64)] });
    expect({ ok, detail }).toEqual({
      ok: false,
      detail:
        `the certificate with the SHA-256 fingerprint ${fingerprint} is neither trusted by the ` +
        'system nor listed under certificates in plimsoll.yaml',
    });
  });
});
