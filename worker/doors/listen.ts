import type { Server } from 'node:http';

export type Listening = { port: number | null; close(): Promise<void> };

/**
 * Listens at `listen` (host:port). If the address cannot be used, calls `deaf` and does not throw,
 * because the worker must run without this server too.
 */
export async function listenAt(
  server: Server,
  listen: string,
  deaf: (cause: NodeJS.ErrnoException) => void,
): Promise<Listening> {
  const { hostname, port } = new URL(`http://${listen}`);
  const refused = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once('error', resolve);
    server.listen(Number(port || 80), hostname, () => resolve(null));
  });
  if (refused) {
    deaf(refused);
    return { port: null, close: async () => {} };
  }
  const address = server.address();
  return {
    port: address && typeof address === 'object' ? address.port : null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
