import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  boundedFetch,
  NoAnswer,
  parseAs,
  parseJson,
  request,
  stream,
} from '../../../activities/lib/http.ts';

const asked: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
const answers: Record<string, RequestListener> = {
  '/echo': (_, response) => response.end('{"ok":true}'),
  '/away': (_, response) => response.writeHead(302, { location: '/echo' }).end(),
  '/hangs': () => {},
  '/breaks': (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 20);
  },
  '/bomb': (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
  },
  '/lines': (_, response) => {
    response.writeHead(200).write('one\n');
    setTimeout(() => response.write('two\n'), 20);
  },
};
let server: Server;
let origin = '';

beforeAll(async () => {
  server = createServer((one, response) => {
    let body = '';
    one.on('data', (chunk) => (body += chunk));
    one.on('end', () => {
      asked.push({ url: one.url ?? '', headers: one.headers, body });
      answers[one.url ?? '']?.(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, timeoutMs = 5000) =>
  request({ method: 'GET', url: `${origin}${path}`, token: 't0ken', timeoutMs });

test('sends once, with the token, and gives status, headers and text', async () => {
  const body = { a: 1 };
  const call = {
    method: 'POST',
    url: `${origin}/echo`,
    token: 't0ken',
    body,
    timeoutMs: 5000,
  } as const;
  expect(await request(call)).toMatchObject({ status: 200, ok: true, text: '{"ok":true}' });
  expect(asked.at(-1)).toMatchObject({
    headers: { authorization: 'Bearer t0ken', 'content-type': 'application/json' },
    body: '{"a":1}',
  });
});

test('a redirect is an answer: the token goes nowhere else', async () => {
  const before = asked.length;
  expect(await get('/away')).toMatchObject({ status: 302, ok: false });
  expect(asked.slice(before).map(({ url }) => url)).toEqual(['/away']);
});

test('no answer in time, a broken connection and no connection are distinct errors, without any text of the server', async () => {
  const failures = await Promise.all(
    [
      get('/hangs', 50),
      get('/breaks'),
      request({ method: 'GET', url: 'http://127.0.0.1:1/x', timeoutMs: 5000 }),
    ].map((one) => one.catch((cause: unknown) => cause)),
  );
  expect(failures.every((one) => one instanceof NoAnswer)).toBe(true);
  expect(failures.map((one) => (one as Error).message)).toEqual([
    'not in time',
    'no connection',
    'no connection',
  ]);
});

test('a small answer that unpacks to 64 MB is not read', async () => {
  await expect(get('/bomb')).rejects.toThrow(NoAnswer);
  await expect(boundedFetch(5000)(`${origin}/bomb`).then((it) => it.text())).rejects.toThrow(
    'The answer is longer than 16777216 bytes.',
  );
});

test('the cancel of the activity is thrown as itself', async () => {
  const environment = new MockActivityEnvironment();
  const work = environment.run(() => get('/hangs'));
  setTimeout(() => environment.cancel('CANCELLED'), 20);
  await expect(work).rejects.toMatchObject({ name: 'CancelledFailure' });
});

test('so is the reason of a signal that was given', async () => {
  const signal = AbortSignal.timeout(20);
  const work = request({ method: 'GET', url: `${origin}/hangs`, timeoutMs: 5000, signal });
  await expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('an endless answer is read until its end is signalled', async () => {
  const seen: string[] = [];
  const call = { method: 'GET', url: `${origin}/lines` } as const;
  const end = AbortSignal.timeout(200);
  for await (const part of stream(call, end, () => new Error('no')))
    seen.push(Buffer.from(part).toString());
  expect(seen.join('')).toBe('one\ntwo\n');
});

test('an endless answer that is refused is reported as its failure', async () => {
  const call = { method: 'GET', url: `${origin}/away` } as const;
  const heard = stream(
    call,
    AbortSignal.timeout(5000),
    ({ status }) => new Error(`HTTP ${status}`),
  );
  await expect(heard.next()).rejects.toThrow('HTTP 302');
});

test('a fetch for the clients of others reads bodies and none', async () => {
  const answer = await boundedFetch(5000)(`${origin}/echo`);
  expect([answer.status, answer.url, await answer.text()]).toEqual([
    200,
    `${origin}/echo`,
    '{"ok":true}',
  ]);
});

test('a value that breaks the schema is named by its place', () => {
  const schema = z.object({ data: z.object({ id: z.string() }) });
  expect(parseAs(schema, parseJson('{"data":{"id":"x"}}'))).toEqual({
    ok: true,
    data: { data: { id: 'x' } },
  });
  expect(parseAs(schema, parseJson('{"data":{"id":1}}'))).toEqual({ ok: false, where: 'data.id' });
  expect(parseAs(schema, parseJson('no'))).toEqual({ ok: false, where: '' });
});
