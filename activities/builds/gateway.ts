import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, request, STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Duplex } from 'node:stream';
import { isPublicAddress } from '../lib/safe-fetch/public-address.ts';

type Settings = {
  /** Path of the socket on which the gateway listens. */
  socket: string;
  /** Hosts that are allowed even if their addresses are private, each as "host:port". */
  hosts: readonly string[];
  /** The proxy of this machine for outgoing requests. null = there is none. */
  upstream: URL | null;
  resolve?: (host: string) => Promise<string[]>;
};

export type Gateway = {
  /** The addresses that programs asked for and did not get, each as "host:port". */
  refused(): string[];
  close(): Promise<void>;
};

/**
 * A connection to this place stays open as long as the gateway runs. inside.mjs opens such a
 * connection. The connection ends with the worker, so inside.mjs notices the end of the worker.
 */
const lifeline = 'worker:1';
const mostConnections = 128;
const mostRefused = 5;
/** The longest wait for a connection, and for the beginning of an answer. */
const mostWaitMs = 30_000;

type Place = { host: string; port: number };
type Where = { address: string; port: number };
type Judge = (place: Place) => Promise<Where | 403 | 502>;

/**
 * Starts an HTTP proxy on a Unix socket. The proxy connects only to addresses of the public
 * internet and to `hosts`. So a build cannot reach services of this machine or of the private
 * network. The proxy keeps no body in memory. The time limit of the job ends every connection.
 */
export async function openGateway({
  socket,
  hosts,
  upstream,
  resolve = addressesOf,
}: Settings): Promise<Gateway> {
  const refused = new Set<string>();
  const open = new Set<Duplex>();
  /**
   * Returns the address to connect to. If no connection is allowed, returns the status of the
   * answer: 403 = the place is not allowed, 502 = the name is unknown.
   */
  const judge: Judge = async ({ host, port }) => {
    const found = await resolve(host).catch(() => []);
    const [address] = found;
    // A proxy may know names that this machine does not know.
    if (address === undefined) return upstream ? { address: host, port } : 502;
    if (hosts.includes(`${host}:${port}`) || found.every(isPublicAddress)) return { address, port };
    if (refused.size < mostRefused) refused.add(`${host}:${port}`);
    return 403;
  };
  const server = createServer((asked, answer) => void forward(asked, answer, judge));
  server.maxConnections = mostConnections;
  server.on('connection', (one) => track(open, one));
  server.on('connect', (asked, one, head) => void tunnel(asked, one, head));
  async function tunnel(asked: IncomingMessage, one: Duplex, head: Buffer) {
    one.on('error', () => one.destroy());
    if (asked.url === lifeline) return;
    const place = placeOf(`http://${asked.url ?? ''}`);
    const where = place ? await judge(place) : 403;
    const end = (status: number) =>
      void one.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`);
    if (!place || typeof where === 'number') return end(where === 502 ? 502 : 403);
    try {
      const other = track(open, await reach(where, place, upstream));
      other.on('error', () => one.destroy()).on('close', () => one.destroy());
      one.on('close', () => other.destroy());
      one.write('HTTP/1.1 200 Connection established\r\n\r\n');
      other.write(head);
      one.pipe(other).pipe(one);
    } catch {
      end(502);
    }
  }
  server.listen(socket);
  await once(server, 'listening');
  return {
    refused: () => [...refused],
    async close() {
      for (const one of open) one.destroy();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Keeps the connection in `open` until it ends, so that `close` can end it. */
function track<T extends Duplex>(open: Set<Duplex>, one: T): T {
  open.add(one);
  one.once('close', () => open.delete(one));
  return one;
}

const addressesOf = async (host: string) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

function placeOf(url: string): Place | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const usual = protocol === 'https:' ? 443 : 80;
  return host === '' ? null : { host, port: port === '' ? usual : Number(port) };
}

/** Opens a connection to the place, through the proxy of this machine if there is one. */
async function reach(
  { address, port }: Where,
  place: Place,
  upstream: URL | null,
): Promise<Socket> {
  if (!upstream) return await opened(connect({ host: address, port }), 'connect');
  const proxy = { host: upstream.hostname, port: Number(upstream.port || 80) };
  const secure = upstream.protocol === 'https:';
  const through = secure
    ? await opened(connectTls({ ...proxy, servername: proxy.host }), 'secureConnect')
    : await opened(connect(proxy), 'connect');
  const { username, password } = upstream;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const login =
    username === '' ? '' : `proxy-authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`;
  const name = place.host.includes(':') ? `[${place.host}]` : place.host;
  through.write(`CONNECT ${name}:${port} HTTP/1.1\r\nhost: ${name}:${port}\r\n${login}\r\n`);
  through.setTimeout(mostWaitMs, () => through.destroy(new Error('no answer')));
  const [chunk] = (await once(through, 'data')) as [Buffer];
  through.setTimeout(0);
  if (/^HTTP\/1\.[01] 200/.test(chunk.toString('latin1'))) return through;
  through.destroy();
  throw new Error('The proxy of this machine refused the connection.');
}

async function opened<T extends Socket>(socket: T, event: string): Promise<T> {
  socket.setTimeout(mostWaitMs, () => socket.destroy(new Error('no connection')));
  await once(socket, event);
  socket.setTimeout(0);
  return socket;
}

/** Passes on a request for an http:// address. */
async function forward(
  asked: IncomingMessage,
  answer: ServerResponse,
  judge: Judge,
): Promise<void> {
  const url = asked.url ?? '';
  const place = url.startsWith('http://') ? placeOf(url) : null;
  const where = place ? await judge(place) : 403;
  if (typeof where === 'number') return void answer.writeHead(where, { connection: 'close' }).end();
  const { pathname, search } = new URL(url);
  const { method } = asked;
  const { 'proxy-authorization': _, 'proxy-connection': _kept, ...headers } = asked.headers;
  const next = request({
    ...{ host: where.address, port: where.port, path: pathname + search },
    ...{ method, headers, agent: false, timeout: mostWaitMs },
  });
  next.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  next.on('timeout', () => next.destroy(new Error('no answer')));
  next.on('error', () => answer.headersSent || answer.writeHead(502).end());
  answer.on('close', () => next.destroy());
  asked.pipe(next);
}
