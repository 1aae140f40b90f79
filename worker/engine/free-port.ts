import { createServer } from 'node:net';

const given = new Set<number>();
// These ports are below the range that outgoing connections use. So no outgoing connection can take
// a chosen port before its server starts.
const first = 20_000;
const count = 12_000;
// Each process starts at a random port, so that two processes rarely try the same port.
let next = Math.floor(Math.random() * count);

/**
 * Returns a free loopback port. If `wanted` is free, returns `wanted`. Only `wanted` may be
 * returned twice.
 */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = first + (next++ % count);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(
    `No free port between ${first} and ${first + count} on 127.0.0.1.\n` +
      'See which programs use the ports: ss -ltnp',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
