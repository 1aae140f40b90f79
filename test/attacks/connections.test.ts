import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { receiveHints } from '../../worker/doors/hint-server.ts';
import { limitedServer } from '../../worker/doors/listen.ts';
import { openHttp } from '../../worker/doors/slack/http-door.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Opens connections, sends `text` on each, and waits until the server has accepted or refused. */
async function hold(port: number, count: number, text = ''): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) {
    socket.on('error', () => {});
    socket.on('data', () => {});
    if (text) socket.write(text);
  }
  closers.push(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}
const openOf = (sockets: Socket[]) => sockets.filter((socket) => !socket.closed).length;

const hints = async () => {
  const settings = { listen: '127.0.0.1:0', vercel: 'env:A' };
  return await receiveHints(settings as never, { secret: () => 'a', warn: () => {} });
};
const clicks = async () =>
  await openHttp({
    ...{ listen: '127.0.0.1:0', signingSecret: 's' },
    ...{ hear: async () => {}, warn: () => {} },
  });

test.each([
  ['webhooks', hints],
  ['clicks', clicks],
])(
  '300 connections that send nothing hold at most 100 files of the server for %s',
  async (_, listen) => {
    const { port, close } = await listen();
    closers.push(close);
    const sockets = await hold(port ?? 0, 300);
    await expect
      .poll(() => openOf(sockets), { interval: 20, timeout: 2_000 })
      .toBeLessThanOrEqual(100);
  },
);

async function listening(server: Server) {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void (server.closeAllConnections(), server.close()));
  return (server.address() as AddressInfo).port;
}

test.each([
  ['nothing', ''],
  ['half of the headers', 'POST /vercel HTTP/1.1\r\nHost: a\r\nX: '],
  ['half of a body', 'POST /vercel HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf'],
])('a connection that sends %s ends, and others are served meanwhile', async (_, text) => {
  const answered = limitedServer(
    (request, response) => request.resume().on('end', () => response.end('served')),
    { headersTimeout: 150, requestTimeout: 300, maxConnections: 20 },
  );
  const port = await listening(answered);
  const sockets = await hold(port, 10, text);
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('served');
  await expect.poll(() => openOf(sockets), { interval: 20, timeout: 3_000 }).toBe(0);
});
