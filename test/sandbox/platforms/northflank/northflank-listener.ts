import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hint } from '../../../../sandbox/platforms/northflank/state.ts';

/**
 * Starts a server that receives hints, as a worker does. The server does not check the sender of a
 * hint.
 */
export async function hintListener() {
  const received: Hint[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push(JSON.parse(Buffer.concat(chunks).toString()) as Hint);
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const rollouts = () =>
    received
      .filter(({ event }) => event === 'trigger:service:deployment:status-update')
      .map(({ data }) => data.status);
  const hints = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hints`,
    all: () => received,
    events: () => received.map(({ event }) => event),
    rollouts,
  };
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return { hints, close };
}
