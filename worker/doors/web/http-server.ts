import { createServer as createHttp } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Socket } from 'node:net';
import { knownSecrets } from '../../../activities/lib/known-secrets.ts';
import type { DoorCode } from '../../../domain/messages/door.ts';
import { door } from '../../../domain/messages/door.ts';
import { addressKey } from './rates.ts';
import { Refusal } from './refusal.ts';

/** A call that the server received. `token` is the token of the session, or null. */
export type Arrived = { call: string; address: string; token: string | null; body: unknown };

type Settings = {
  /** The address of the door, such as https://deploy.example.com. */
  origin: string;
  /** The certificate and its key, as PEM texts. */
  tls?: { cert: Buffer; key: Buffer };
  /**
   * This function is called before the body of a request is read. It throws a Refusal if the
   * address has called too often.
   */
  admit: (arrived: { call: string; address: string }) => void;
  answer: (arrived: Arrived) => Promise<unknown>;
  refused: (refused: { code: DoorCode; call: string; address: string }) => void;
  limits?: Partial<typeof defaults>;
};

const defaults = {
  bodyBytes: 64_000,
  connections: 200,
  connectionsPerAddress: 40,
  headersMs: 10_000,
  requestMs: 15_000,
  /** A connection without any traffic is closed after this time. A call waits for at most 20 s. */
  idleMs: 45_000,
  keepAliveMs: 5_000,
};

/**
 * Makes the HTTP server of the door. Every call is `POST /v1/CALL` with a JSON body. Only this
 * server reads from the network, so all limits of the network are here.
 */
export function createDoorServer(settings: Settings): Server {
  const limits = { ...defaults, ...settings.limits };
  const options = {
    maxHeaderSize: 8_192,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
    keepAliveTimeout: limits.keepAliveMs,
  };
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response, { ...settings, limits });
  const server = settings.tls
    ? createHttps({ ...options, ...settings.tls, handshakeTimeout: limits.headersMs }, listener)
    : createHttp(options, listener);
  server.maxConnections = limits.connections;
  server.setTimeout(limits.idleMs);
  server.on('clientError', (_, socket) => {
    const address = (socket as Socket).remoteAddress ?? '';
    settings.refused({ code: 'bad-http', call: '', address });
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    else socket.destroy();
  });
  server.on('drop', (data) =>
    settings.refused({ code: 'too-many', call: '', address: data?.remoteAddress ?? '' }),
  );
  if (!isBehindProxy(settings)) limitEach(server, limits.connectionsPerAddress, settings.refused);
  return server;
}

/**
 * Returns true if a proxy is in front of the door. This is so if the address is https, but the door
 * has no certificate.
 */
const isBehindProxy = ({ origin, tls }: Pick<Settings, 'origin' | 'tls'>) =>
  origin.startsWith('https:') && !tls;

/**
 * Limits the connections of each address. If an address already has `most` connections, a further
 * connection is closed.
 */
function limitEach(server: Server, most: number, refused: Settings['refused']) {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const key = addressKey(address);
    const count = open.get(key) ?? 0;
    if (count >= most) {
      refused({ code: 'too-many', call: '', address });
      socket.destroy();
      return;
    }
    open.set(key, count + 1);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  });
}

type Serving = Settings & { limits: typeof defaults };

async function serve(request: IncomingMessage, response: ServerResponse, settings: Serving) {
  const address = addressOf(request, settings);
  const call = /^\/v1\/([A-Za-z]{1,30})$/.exec(request.url ?? '')?.[1] ?? '';
  try {
    checkHead(request, call, settings);
    settings.admit({ call, address });
    const body = parsed(await bodyOf(request, settings.limits.bodyBytes));
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    const result = await settings.answer({ call, address, token, body });
    end(response, 200, { result: result ?? null }, settings.origin);
  } catch (cause) {
    const refusal = cause instanceof Refusal ? cause : new Refusal('failed', door.failed);
    settings.refused({ code: refusal.code, call: call || (request.url ?? ''), address });
    const { code, message, exitCode, status } = refusal;
    end(response, status, { error: { code, message, exitCode } }, settings.origin);
    // The rest of the body may be long. The server does not read the rest after a refusal.
    if (!request.complete) response.once('finish', () => request.destroy());
  }
}

/**
 * Returns the address of the caller. If there is a proxy, this is the last address in
 * x-forwarded-for, because the proxy adds the address of its caller there.
 */
function addressOf(request: IncomingMessage, settings: Settings): string {
  const direct = request.socket.remoteAddress ?? '';
  if (!isBehindProxy(settings)) return direct;
  return `${request.headers['x-forwarded-for'] ?? ''}`.split(',').at(-1)?.trim() || direct;
}

/** Checks the method, the path and the headers of a request, before the body is read. */
function checkHead(
  { method, headers }: IncomingMessage,
  call: string,
  { origin, limits }: Serving,
) {
  if ((headers.host ?? '').toLowerCase() !== new URL(origin).host)
    throw new Refusal('wrong-host', door.wrongHost(origin));
  if (headers.origin !== undefined && headers.origin !== origin)
    throw new Refusal('cross-origin', door.crossOrigin);
  if (call === '' || method !== 'POST') throw new Refusal('unknown-call', door.unknownCall(call));
  const isJson = /^application\/json(;\s*charset=utf-8)?$/i.test(headers['content-type'] ?? '');
  const coding = headers['content-encoding'] ?? 'identity';
  // The server reads no compressed body, because such a body could become very large.
  if (!isJson || coding !== 'identity') throw new Refusal('wrong-type', door.wrongType);
  if (Number(headers['content-length'] ?? 0) > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
}

const tooLarge = (most: number) => new Refusal('too-large', door.tooLarge(most));

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Without this option, a long body would close the connection before the response.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > most) throw tooLarge(most);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal('bad-shape', door.badShape('it is not JSON'));
  }
}

function end(response: ServerResponse, status: number, body: unknown, origin: string) {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(origin.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    ...(status === 200 ? {} : { connection: 'close' }),
  });
  response.end(JSON.stringify(knownSecrets.cleanAll(body)));
}
