import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * The limits of every HTTP server of Plimsoll. Each open connection uses a file of the worker. If
 * there are too many connections, a new connection is closed at once. A client that does not send
 * its whole request in time gets 408, and its connection is closed.
 */
const limits = {
  maxConnections: 100,
  /** The time limit from the connection to the end of the headers, in milliseconds. */
  headersTimeout: 5_000,
  /** The time limit from the connection to the end of the body, in milliseconds. */
  requestTimeout: 10_000,
  /** The longest time without any byte in either direction, in milliseconds. */
  timeout: 60_000,
  keepAliveTimeout: 5_000,
  maxRequestsPerSocket: 1_000,
};

/**
 * Creates an HTTP server with the limits of this file. The caller limits the body of a request.
 * Tests use shorter limits.
 */
export function limitedServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  shorter: Partial<typeof limits> = {},
): Server {
  const own = { ...limits, ...shorter };
  const connectionsCheckingInterval = Math.min(1_000, own.headersTimeout / 2);
  return Object.assign(createServer({ connectionsCheckingInterval }, handle), own);
}

export type Listening = { port: number | null; close(): Promise<void> };

/**
 * Listens at `listen` (host:port). If the address cannot be used, calls `deaf` and does not throw,
 * because the worker must also run without this server.
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
