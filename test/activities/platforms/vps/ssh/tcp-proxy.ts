import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type TcpProxy = Awaited<ReturnType<typeof startTcpProxy>>;

/**
 * Starts a proxy to a port of this machine. The proxy counts the connections and can break them.
 */
export async function startTcpProxy(port: number) {
  const pairs = new Set<[Socket, Socket]>();
  let opened = 0;
  const server = createServer((client) => {
    opened += 1;
    const host = connect({ port, host: '127.0.0.1' });
    const pair: [Socket, Socket] = [client, host];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const side of pair) side.destroy();
    };
    for (const side of pair) side.on('error', end).on('close', end);
    client.pipe(host).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get opened() {
      return opened;
    },
    get open() {
      return pairs.size;
    },
    /** Acts like a host that lost its network: the client gets no notice and no more answers. */
    mute() {
      for (const [client, host] of pairs) {
        client.unpipe(host);
        client.resume();
      }
    },
    /** Acts like a host that restarted: the next data of the client gets a reset. */
    forget() {
      for (const [client, host] of pairs) {
        client.unpipe(host);
        client.once('data', () => client.resetAndDestroy()).resume();
      }
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const [client] of pairs) client.destroy();
      await closed;
    },
  };
}
