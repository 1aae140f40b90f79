import { createServer, request as ask } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers 503 with a text that Northflank's ingress would send. */
const unavailable = (to: ServerResponse, why: string) => {
  if (!to.headersSent) to.writeHead(503, { 'content-type': 'text/plain' });
  to.end(why);
};

const forward = (port: number, from: IncomingMessage, to: ServerResponse) => {
  const { method, url, headers } = from;
  const behind = ask({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  behind.on('error', () =>
    unavailable(to, 'upstream connect error or disconnect/reset before headers'),
  );
  from.pipe(behind);
};

/**
 * Serves the public address of a service. For every request, asks `upstream` for the port of a
 * container. If `upstream` returns null, the response is 503.
 */
export const startPublicSite = async (upstream: () => number | null) => {
  const server = createServer((from, to) => {
    to.on('error', () => {});
    const port = upstream();
    if (port === null) unavailable(to, 'no healthy upstream');
    else forward(port, from, to);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
};
