import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../../worker/engine/free-port.ts';

test('a wanted port that is free is given, again and again', async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
  expect(await freePort(port)).toBe(port);
});

test('a busy port becomes another one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await freePort(port)).not.toBe(port);
  server.close();
});

test('no port is given twice', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(new Set(ports).size).toBe(50);
});
