import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AppsConnectionsOpenResponse } from '@slack/web-api';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Reply } from '../http.ts';
import { yes } from './methods.ts';
import { bot } from './state.ts';

type Pending = {
  id: string;
  payload: unknown;
  attempt: number;
  acked: (yes: boolean) => void;
  timer: NodeJS.Timeout | undefined;
};
export type SocketMode = Awaited<ReturnType<typeof startSocketMode>>;

/** Slack sends an envelope at most this many times. */
const mostAttempts = 3;

/**
 * Sends envelopes to the newest connection. An envelope is sent again until the app acknowledges
 * it, at most `mostAttempts` times.
 */
const createEnvelopes = (open: ReadonlySet<WebSocket>, ackMs: number) => {
  const pending = new Map<string, Pending>();
  const end = (one: Pending, acked: boolean) => {
    clearTimeout(one.timer);
    pending.delete(one.id);
    one.acked(acked);
  };
  const send = (one: Pending) => {
    one.attempt += 1;
    const { id: envelope_id, payload, attempt } = one;
    const retry = attempt > 1 ? { retry_attempt: attempt - 1, retry_reason: 'timeout' } : {};
    const envelope = { type: 'interactive', envelope_id, payload, ...retry };
    const text = JSON.stringify({ ...envelope, accepts_response_payload: false });
    [...open].at(-1)?.send(text);
    one.timer = setTimeout(() => (attempt < mostAttempts ? send(one) : end(one, false)), ackMs);
  };
  return {
    acknowledge: (data: unknown) => {
      const { envelope_id: id } = JSON.parse(String(data)) as { envelope_id?: string };
      const one = pending.get(id ?? '');
      if (one) end(one, true);
    },
    /**
     * Sends an envelope. Resolves to true if the app acknowledged the envelope, or to false if the
     * last attempt was not acknowledged. With the `id` of an earlier envelope, a test can send that
     * envelope again.
     */
    deliver: (payload: unknown, id: string = randomUUID()) =>
      new Promise<boolean>((acked) => {
        const one = { id, payload, attempt: 0, acked, timer: undefined };
        pending.set(id, one);
        send(one);
      }),
    drop: () => pending.forEach((one) => end(one, false)),
  };
};

/**
 * Starts the server of Slack's Socket Mode. Each connection needs a new ticket. The server sends
 * `hello` and then envelopes. If clients must reconnect, the server sends `disconnect`.
 */
export const startSocketMode = async ({ ackMs }: { ackMs: number }) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', reject);
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/link/`;
  const [tickets, open] = [new Set<string>(), new Set<WebSocket>()];
  const { acknowledge, deliver, drop } = createEnvelopes(open, ackMs);
  let ever = 0;
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const ticket = new URL(request.url ?? '/', url).searchParams.get('ticket') ?? '';
    if (!tickets.delete(ticket)) return socket.close(1008, 'invalid ticket');
    ever += 1;
    open.add(socket);
    socket.on('message', acknowledge).on('close', () => open.delete(socket));
    const app = { app_id: bot.appId };
    const hello = { type: 'hello', num_connections: open.size, connection_info: app };
    socket.send(JSON.stringify(hello));
  });
  const cut = () => open.forEach((socket) => socket.terminate());
  return {
    /** Returns the response of `apps.connections.open`, with a new ticket in its URL. */
    ticket: (): Reply => {
      const ticket = randomBytes(12).toString('hex');
      tickets.add(ticket);
      const answer = { ok: true, url: `${url}?ticket=${ticket}&app_id=${bot.appId}` };
      return yes(answer satisfies AppsConnectionsOpenResponse);
    },
    /** Returns how many connections were ever opened, and how many are open now. */
    connections: () => ({ ever, now: open.size }),
    deliver,
    /** Asks all clients to reconnect, as Slack does every few hours. */
    renew: () => {
      const message = JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' });
      for (const socket of open) socket.send(message);
    },
    /** Closes all connections without a message, like a network failure. */
    cut,
    close: () => {
      drop();
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
