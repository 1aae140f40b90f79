import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSafeFetch } from '../../../activities/lib/safe-fetch/safe-fetch.ts';
import {
  isConfigurableAddress,
  isPublicAddress,
} from '../../../activities/lib/safe-fetch/public-address.ts';
import { localSite } from './local-site.ts';

let site: Awaited<ReturnType<typeof localSite>>;
let inner: Awaited<ReturnType<typeof localSite>>;
beforeEach(async () => {
  inner = await localSite((_, to) => to.end('the inside'));
  site = await localSite((request, to) => {
    const next = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
    if (next) to.writeHead(302, { location: next }).end();
    else if (request.url === '/loop') to.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/big') to.end('x'.repeat(200_000));
    else if (request.url === '/slow') to.write('…');
    else to.end('hello');
  });
});
afterEach(() => Promise.all([site.close(), inner.close()]));

const refused = (why: string) => ({ answered: false, why });
const neverReached = 'which is not an address of the public internet, so it was not contacted';

describe('addresses', () => {
  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00:ec2::254'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
    ...['2001:db8::1', 'ff02::1', 'fe80::1%eth0', 'localhost', ''],
  ])('%j is not public', (address) => expect(isPublicAddress(address)).toBe(false));

  test.each(['1.1.1.1', '93.184.216.34', '::ffff:1.1.1.1', '2606:4700::1111'])(
    '%j is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  test('an operator may mean private and loopback, never a metadata service', () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '::1', 'fd12::1'])
      expect(isConfigurableAddress(address)).toBe(true);
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254'])
      expect(isConfigurableAddress(address)).toBe(false);
    for (const address of ['64:ff9b::10.1.2.3', '64:ff9b::93.184.216.34', '::1'])
      expect(isConfigurableAddress(address)).toBe(true);
  });
});

describe('a fetch', () => {
  test('reaches the configured origin, also on loopback', async () => {
    const fetch = createSafeFetch({ configured: [`${site.url}/any`] });
    expect(await fetch(`${site.url}/`)).toEqual({
      answered: true,
      status: 200,
      body: 'hello',
      truncated: false,
      url: `${site.url}/`,
    });
  });

  test.each([
    (port: number) => `http://127.0.0.1:${port}/`,
    (port: number) => `http://2130706433:${port}/`,
    (port: number) => `http://0x7f000001:${port}/`,
    (port: number) => `http://0177.0.0.1:${port}/`,
    (port: number) => `http://127.1:${port}/`,
    (port: number) => `http://[::ffff:127.0.0.1]:${port}/`,
    (port: number) => `http://[::ffff:7f00:1]:${port}/`,
    (port: number) => `http://localhost:${port}/`,
    () => 'http://169.254.169.254/latest/meta-data/',
    () => 'http://0.0.0.0/',
    () => 'http://[::1]/',
    () => 'file:///etc/passwd',
  ])('to anything else inside reaches nothing (%#)', async (url) => {
    const fetch = createSafeFetch({ configured: [site.url] });
    expect(await fetch(url(inner.port))).toMatchObject({ answered: false });
    expect(inner.reached).toEqual([]);
  });

  test('below .localhost is this machine, and as little public as it', async () => {
    const { origin } = new URL(`http://one.localhost:${site.port}`);
    const configured = createSafeFetch({ configured: [origin] });
    expect(await configured(`${origin}/end`)).toMatchObject({ status: 200, body: 'hello' });
    expect(await createSafeFetch({ configured: [] })(`${origin}/end`)).toEqual(
      refused(`one.localhost leads to 127.0.0.1, ${neverReached}`),
    );
  });

  test('is refused on a metadata address even where it is configured', async () => {
    const url = 'http://169.254.169.254/latest';
    expect(await createSafeFetch({ configured: [url] })(url)).toEqual(
      refused('169.254.169.254 is not an address of the public internet, so it was not contacted'),
    );
  });

  test('is judged by the address that is connected to, not by an earlier answer', async () => {
    let asked = 0;
    const rebinding: LookupFunction = (_, options, done) => {
      asked += 1;
      const address = asked === 1 ? '93.184.216.34' : '127.0.0.1';
      if (options.all) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    };
    const before = await new Promise((resolve) =>
      rebinding('shop.example', { all: true }, (_, found) => resolve(found)),
    );
    expect(before).toEqual([{ address: '93.184.216.34', family: 4 }]);
    const fetch = createSafeFetch({ configured: [], lookup: rebinding });
    expect(await fetch(`http://shop.example:${inner.port}/`)).toEqual(
      refused(`shop.example leads to 127.0.0.1, ${neverReached}`),
    );
    expect(inner.reached).toEqual([]);
  });

  test('is refused if one of several addresses is inside', async () => {
    const mixed: LookupFunction = (_, __, done) =>
      done(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const fetch = createSafeFetch({ configured: [], lookup: mixed });
    expect(await fetch(`http://shop.example:${inner.port}/`)).toEqual(
      refused(`shop.example leads to 127.0.0.1, ${neverReached}`),
    );
  });

  test('redirected inside reaches nothing there', async () => {
    const fetch = createSafeFetch({ configured: [site.url] });
    for (const to of [inner.url, `http://localhost:${inner.port}`, 'http://169.254.169.254/'])
      expect(await fetch(`${site.url}/?to=${encodeURIComponent(to)}`)).toMatchObject({
        answered: false,
      });
    expect(inner.reached).toEqual([]);
    expect(site.reached).toHaveLength(3);
  });

  test('follows redirects within its origin, three at most', async () => {
    const fetch = createSafeFetch({ configured: [site.url] });
    expect(await fetch(`${site.url}/?to=/end`)).toMatchObject({ status: 200, body: 'hello' });
    expect(await fetch(`${site.url}/loop`)).toEqual(refused('more than 3 redirects'));
    expect(site.reached.filter((path) => path === '/loop')).toHaveLength(4);
  });

  test('does not leave its origin where that is asked', async () => {
    const fetch = createSafeFetch({ configured: [site.url, inner.url] });
    const url = `${site.url}/?to=${encodeURIComponent(inner.url)}`;
    expect(await fetch(url, { leaveOrigin: false })).toEqual({
      ...refused(`302 leads to ${inner.url}, which is another site`),
      status: 302,
      leadsTo: `${inner.url}/`,
    });
    expect(inner.reached).toEqual([]);
  });

  test('sends its headers to the requested origin, and to no other', async () => {
    const told: (string | undefined)[] = [];
    const hears = (request: IncomingMessage) => {
      told.push(request.headers['x-secret'] as string | undefined);
    };
    const other = await localSite((request, to) => void (hears(request), to.end('there')));
    const own = await localSite((request, to) => {
      hears(request);
      const location = request.url === '/start' ? '/next' : `${other.url}/`;
      to.writeHead(302, { location }).end();
    });
    const fetch = createSafeFetch({ configured: [own.url, other.url] });
    const headers = { 'x-secret': 'for you' };
    expect(await fetch(`${own.url}/start`, { headers })).toMatchObject({ body: 'there' });
    expect(told).toEqual(['for you', 'for you', undefined]);
    await Promise.all([own.close(), other.close()]);
  });

  test('reads 64 KB and ends in time', async () => {
    const fetch = createSafeFetch({ configured: [site.url] });
    const big = await fetch(`${site.url}/big`);
    expect(big).toMatchObject({ truncated: true });
    expect(big.answered && big.body.length).toBe(65_536);
    expect(await fetch(`${site.url}/slow`, { timeoutMs: 100 })).toEqual(
      refused('no answer in time'),
    );
  });

  test('ends with the reason of a cancel', async () => {
    const fetch = createSafeFetch({ configured: [site.url] });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('called off')), 50);
    await expect(fetch(`${site.url}/slow`, { signal: cancel.signal })).rejects.toThrow(
      'called off',
    );
  });

  test('says what went wrong in a word', async () => {
    const { url } = inner;
    await inner.close();
    expect(await createSafeFetch({ configured: [url] })(url)).toEqual(
      refused('connection refused'),
    );
  });
});
