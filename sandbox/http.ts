import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Board, FaultKind } from './board.ts';

/** One request with its whole body. `path` is still percent-encoded. */
export type Call = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
};
/**
 * The response to one call. A Buffer or a stream is sent unchanged. Any other body is sent as JSON.
 * If `body` is undefined, the response has no body.
 */
export type Reply = { status: number; headers?: Record<string, string>; body?: unknown };

type Answer<T> = T | Promise<T>;
/**
 * The functions that answer one call. `read` runs first, and `act` runs if `read` returns
 * undefined. Under the fault `lying-status`, only `lie` runs.
 */
export type Handler = {
  /**
   * Changes nothing. Returns the response to a read, or the error response to a write that is not
   * allowed. Returns undefined if `act` must run next.
   */
  read?: () => Answer<Reply | undefined>;
  /** Makes the effect and counts the effect on the board. Then returns the response. */
  act?: () => Answer<Reply>;
  /** Returns the response under the fault `lying-status`. Changes nothing. */
  lie?: () => Answer<Reply>;
};

export type Service = {
  name: string;
  handle(call: Call): Handler;
  /**
   * Returns the name of the operation. A fault matches if its `match` is a part of this name.
   * Default: method and path, such as "POST /path".
   */
  operation?(call: Call): string;
  /** If false, every response closes its connection. */
  keepAlive?: boolean;
  /**
   * Returns the response of the vendor under a fault. `busy` is for `429`, and `broken` is for
   * `500-before` and `500-after`.
   */
  busy(): Reply;
  broken(): Reply;
};

export type HttpOptions = { service: Service; board: Board; slowMs?: number };
export type HttpServer = { url: string; close(): Promise<void> };

const read = async (request: IncomingMessage): Promise<Call> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://sandbox');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
};

const send = (response: ServerResponse, { status, headers = {}, body }: Reply) => {
  if (response.destroyed) return;
  if (body === undefined) return void response.writeHead(status, headers).end();
  if (body instanceof Readable) {
    response.writeHead(status, headers).flushHeaders();
    response.once('close', () => body.destroy());
    return void body.pipe(response);
  }
  const raw = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const type = Buffer.isBuffer(body) ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, { ...type, ...headers, 'content-length': String(raw.length) });
  response.end(raw);
};

const nothingHere = (call: Call): Reply => ({
  status: 501,
  body: {
    message:
      `This stand-in does not support ${call.method} ${call.path}, ` +
      'or it does not support this call under the fault lying-status.',
  },
});

const perform = async (handler: Handler, call: Call) =>
  (await handler.read?.()) ?? (await handler.act?.()) ?? nothingHere(call);

type Fate = Reply | 'drop';

/**
 * Answers one call, and applies the fault if there is one. Under a fault with "-before", the call
 * must have no effect. Under a fault with "-after", the call must have exactly one effect.
 */
const suffer = async (fault: FaultKind | undefined, call: Call, options: Running) => {
  const { service, board } = options;
  if (fault === '429') return service.busy();
  if (fault === '500-before') return service.broken();
  if (fault === 'drop-before') return 'drop';
  if (fault === 'slow') await delay(options.slowMs, undefined, { signal: options.stopping });
  const handler = service.handle(call);
  if (fault === 'lying-status') return (await handler.lie?.()) ?? nothingHere(call);
  const reply = await perform(handler, call);
  if (fault === '500-after') return service.broken();
  if (fault === 'drop-after') return 'drop';
  if (fault === 'hold') await Promise.race([board.held(), stopped(options.stopping)]);
  return reply;
};

/**
 * One call to a stand-in and its response. `body` is the parsed JSON of the response. If the
 * response is not JSON, `body` is a Buffer. If the response has no body or is a stream, `body` is
 * undefined.
 */
export type Exchange = {
  service: string;
  method: string;
  path: string;
  query: URLSearchParams;
  /** The program that made the call, from its header "user-agent". */
  agent: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
};

const listeners = new Set<(exchange: Exchange) => void>();

/**
 * Calls `listen` for each response that a stand-in in this process sends. To stop this, call the
 * returned function. Only tests use this function.
 */
export function record(listen: (exchange: Exchange) => void): () => void {
  listeners.add(listen);
  return () => void listeners.delete(listen);
}

const sentBody = (body: unknown): unknown =>
  body === undefined || Buffer.isBuffer(body)
    ? body
    : body instanceof Readable
      ? undefined
      : JSON.parse(JSON.stringify(body));

function tell(service: Service, call: Call, reply: Fate): void {
  if (reply === 'drop' || listeners.size === 0) return;
  const { method, path, query } = call;
  const { status, headers = {}, body } = reply;
  const agent = call.headers['user-agent'] ?? '';
  const exchange = { service: service.name, method, path, query, agent, status, headers };
  for (const listen of listeners) listen({ ...exchange, body: sentBody(body) });
}

type Running = HttpOptions & { slowMs: number; stopping: AbortSignal };

const stopped = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const answer = async (request: IncomingMessage, options: Running): Promise<Fate> => {
  const { service, board } = options;
  try {
    const call = await read(request);
    board.heard(service.name, call.method, call.path);
    const operation = service.operation?.(call) ?? `${call.method} ${call.path}`;
    const fate = await suffer(board.take(service.name, operation), call, options);
    tell(service, call, fate);
    return fate;
  } catch (error) {
    if (options.stopping.aborted || request.socket.destroyed) return 'drop';
    // The status is 501, so that a bug in the stand-in does not look like an error of the vendor.
    process.stderr.write(`stand-in ${service.name}: ${(error as Error).stack}\n`);
    return { status: 501, body: { message: `The stand-in itself failed: ${String(error)}` } };
  }
};

/**
 * Serves one stand-in on a free loopback port. `close` also ends the calls that still wait for a
 * response.
 */
export const startHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const stop = new AbortController();
  const running = { ...options, slowMs: options.slowMs ?? 3000, stopping: stop.signal };
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    const fate = await answer(request, running);
    if (options.service.keepAlive === false) response.shouldKeepAlive = false;
    if (fate === 'drop') request.socket.destroy();
    else send(response, fate);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      stop.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
};
