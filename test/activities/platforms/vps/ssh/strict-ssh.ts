import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';

/**
 * Starts an ssh server that refuses a second session on a connection, as with `MaxSessions 1`.
 * Every command succeeds.
 */
export async function startStrictSsh(hostKey: string) {
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    clients.add(client);
    let sessions = 0;
    client.on('error', () => {}).on('authentication', (context) => context.accept());
    client.on('session', (accept, reject) => {
      sessions += 1;
      if (sessions > 1) return reject();
      accept().on('exec', (take) => {
        const channel = take();
        channel.resume().on('end', () => {
          channel.exit(0);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return clients.size;
    },
    close: () => {
      for (const client of clients) client.end();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
