import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { hints } from '../../../activities/lib/hints.ts';
import { createHints } from '../../../sandbox/platforms/northflank/hints.ts';
import { Webhooks } from '../../../sandbox/platforms/vercel/webhooks.ts';
import { parseConfig } from '../../../worker/config/config.ts';
import { receiveHints } from '../../../worker/doors/hint-server.ts';
import { secretRefs } from '../../../worker/config/secrets.ts';

const settings = {
  listen: '127.0.0.1:0',
  vercel: 'env:VERCEL_WEBHOOK_SECRET',
  northflank: 'env:NORTHFLANK_HINT_SECRET',
};
const values: Record<string, string> = {
  'env:VERCEL_WEBHOOK_SECRET': 'shared with Vercel',
  'env:NORTHFLANK_HINT_SECRET': 'long-and-random',
};
const said: string[] = [];
const deps = {
  secret: (ref: string) => values[ref] ?? '',
  warn: (line: string) => void said.push(line),
};
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening() {
  const { port, close } = await receiveHints(settings, deps);
  closers.push(close);
  return `http://127.0.0.1:${port}`;
}

/** Starts a pause. The promise resolves when a hint from this platform arrives. */
const woken = (from: 'vercel' | 'northflank') => hints.pause(from, { ms: 3_600_000, leastMs: 0 });

test.each([{}, { duplicates: true }, { reordered: true }])(
  'a webhook that Vercel signed wakes the waiting deploy: %o',
  async (disorder) => {
    const url = `${await listening()}/vercel`;
    const secret = 'shared with Vercel';
    const webhooks = new Webhooks({ url, secret, ...disorder }, AbortSignal.timeout(60_000));
    const waiting = woken('vercel');
    for (const type of ['deployment.created', 'deployment.succeeded'])
      webhooks.tell({ type, payload: {} });
    expect(await waiting).toBeUndefined();
    await webhooks.idle();
  },
);

test.each([false, true])(
  "Northflank's wakes who waits there, in disorder: %o",
  async (disorder) => {
    const url = `${await listening()}/northflank/long-and-random`;
    const { tell, settled } = createHints({ url, disorder });
    const waiting = woken('northflank');
    const hint = { event: 'trigger:build:success' } as unknown as Parameters<typeof tell>[0];
    tell(hint);
    tell(hint);
    expect(await waiting).toBeUndefined();
    await settled();
  },
);

const post = async (path: string, headers: Record<string, string> = {}, body = '{}') =>
  (await fetch(`${await listening()}${path}`, { method: 'POST', headers, body })).status;

test('a webhook without a signature, or with another one, wakes nobody', async () => {
  const stop = new AbortController();
  const never = hints.pause('vercel', { ms: 3_600_000, leastMs: 0 }, stop.signal);
  let ended = false;
  void never.then(
    () => (ended = true),
    () => {},
  );
  expect(await post('/vercel')).toBe(401);
  expect(await post('/vercel', { 'x-vercel-signature': '0'.repeat(40) })).toBe(401);
  expect(await post('/northflank')).toBe(401);
  expect(await post('/northflank/guessed')).toBe(401);
  expect(await post('/elsewhere')).toBe(404);
  expect(await post('/vercel', {}, 'x'.repeat(1_000_001))).toBe(413);
  expect((await fetch(`${await listening()}/vercel`)).status).toBe(404);
  expect(ended).toBe(false);
  stop.abort();
});

test('a webhook that a proxy sends in chunks, without a length, is heard; a long one is not', async () => {
  const url = `${await listening()}/vercel`;
  const chunked = async (parts: string[], more: Record<string, string> = {}) => {
    const body = ReadableStream.from(parts.map((part) => Buffer.from(part)));
    return (await fetch(url, { method: 'POST', headers: more, body, duplex: 'half' })).status;
  };
  const parts = ['{"type":', '"deployment.succeeded"}'];
  const signature = createHmac('sha1', 'shared with Vercel').update(parts.join('')).digest('hex');
  const waiting = woken('vercel');
  expect(await chunked(parts, { 'x-vercel-signature': signature })).toBe(204);
  expect(await waiting).toBeUndefined();
  expect(await chunked(['x'.repeat(600_000), 'x'.repeat(600_000)])).toBe(413);
});

test('a busy address is a warning, and the worker goes on', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => other.close(resolve)));
  const listen = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  expect((await receiveHints({ ...settings, listen }, deps)).port).toBeNull();
  expect(said).toEqual([
    `Webhooks cannot be received at ${listen} (EADDRINUSE), so Plimsoll polls the platforms at the usual interval.\n` +
      'Another worker may listen there already. If not, set hints.listen to a free address, and start the worker again.',
  ]);
});

const config = (listen: string) =>
  parseConfig(
    `hints: { listen: ${JSON.stringify(listen)}, vercel: 'env:VERCEL_WEBHOOK_SECRET' }
approvers:
  ana:
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5]
  ben:
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8VUVF/dkqAj5CQztdTpVLZKrsqAj3BVejjSYHuYvdZ]
projects: {}
`,
    'plimsoll.yaml',
  );

test('its secret is one of those that the worker reads', () => {
  expect(secretRefs(config('127.0.0.1:8480'))).toContain('env:VERCEL_WEBHOOK_SECRET');
});

test('an address without a port is refused with what to write', () => {
  expect(() => config('localhost')).toThrow('Use host:port, such as 127.0.0.1:8480');
});
