import { createServer } from 'node:net';

const given = new Set<number>();
// Below the range from which systems take ports for outgoing connections: nobody takes one meanwhile.
const first = 20_000;
const count = 12_000;
// Each process walks from a place of its own: two that start at once do not pick from one heap.
let next = Math.floor(Math.random() * count);

/**
 * A free loopback port: `wanted` if it is free, else another. The same port is never given twice, except
 * by asking for it.
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
      'See what holds them: ss -ltnp',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
