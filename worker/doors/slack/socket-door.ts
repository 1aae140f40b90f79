import { setTimeout as delay } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import { boundedFetch } from '../../../activities/lib/http.ts';
import { quietLogger, slackFailure } from '../../../activities/slack/client.ts';
import { clickNotAcknowledged, socketDeaf } from '../../../domain/messages/slack-click.ts';

type Interactive = { ack: () => Promise<void>; body: unknown };
export type Door = { close(): Promise<void> };
export type SocketSettings = {
  api: string;
  token: string;
  /** The name of the variable that holds the token. Warnings and errors show this name. */
  variable: string;
  /**
   * Resolves when the click is stored, or shortly before the time limit of Slack. The click is then
   * acknowledged.
   */
  hear: (payload: unknown) => Promise<void>;
  warn: (line: string) => void;
  pauseMs?: number;
};

const helloMs = 15_000;
const callMs = 10_000;
const mostPauseMs = 30_000;

/**
 * Keeps a websocket to Slack open, and opens a new websocket when one ends. The Slack client must
 * not reconnect by itself, because its errors cannot be caught and would end the worker. `ready`
 * resolves when the first connection is open, or when it has failed.
 */
export function openSocket(settings: SocketSettings): Door & { ready: Promise<void> } {
  const stop = new AbortController();
  const first = Promise.withResolvers<void>();
  const running = keepOpen(settings, stop.signal, () => first.resolve()).finally(first.resolve);
  const close = async () => {
    stop.abort();
    await running;
  };
  return { ready: first.promise, close };
}

async function keepOpen(settings: SocketSettings, signal: AbortSignal, tried: () => void) {
  const { pauseMs = 1_000, warn } = settings;
  for (let failures = 0; !signal.aborted;) {
    const begun = Date.now();
    const failure = await session(settings, signal, tried);
    tried();
    if (failure && failures === 0 && !signal.aborted)
      warn(socketDeaf(failure.message, { again: !failure.nonRetryable }));
    if (failure?.nonRetryable) return;
    // Slack ends each socket after a few hours. In this case the next socket is opened at once. If
    // a socket ends early, a pause prevents that new sockets are opened in a fast loop.
    const renewed = failure === null && Date.now() - begun > mostPauseMs;
    failures = renewed ? 0 : failures + 1;
    const pause = renewed ? 0 : Math.min((pauseMs / 4) * 2 ** failures, mostPauseMs);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

type Failure = Error & { nonRetryable?: boolean };

/**
 * Opens one connection and waits until it ends. Returns null if the connection was established, and
 * the failure if it was not.
 */
async function session(settings: SocketSettings, signal: AbortSignal, connected: () => void) {
  const client = createClient(settings);
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
  client.on('interactive', ({ ack, body }: Interactive) => void answer(settings, ack, body));
  const leave = () => void client.disconnect();
  signal.addEventListener('abort', leave, { once: true });
  const starting = client.start();
  try {
    await Promise.race([starting, tooLate(signal)]);
    connected();
    await ended;
    return null;
  } catch (cause) {
    leave();
    // The connection may still open later. No other code would close it.
    starting.then(leave, () => undefined);
    const { variable } = settings;
    const what = 'a socket for clicks';
    const ask = { method: 'apps.connections.open', what, variable, effect: false } as const;
    return signal.aborted ? null : (slackFailure(cause ?? {}, ask) as Failure);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await delay(helloMs, undefined, { signal, ref: false });
  throw new Error('Slack sent no hello in time');
}

async function answer({ hear, warn }: SocketSettings, ack: () => Promise<void>, body: unknown) {
  try {
    await hear(body);
    await ack();
  } catch (cause) {
    // Without an acknowledgement, Slack shows a warning to the person who clicked, and the person
    // can click again.
    warn(clickNotAcknowledged((cause as Error).message));
  }
}

const createClient = ({ api, token }: SocketSettings) =>
  new SocketModeClient({
    appToken: token,
    autoReconnectEnabled: false,
    logger: quietLogger,
    clientOptions: {
      slackApiUrl: api.endsWith('/') ? api : `${api}/`,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      timeout: callMs,
      fetch: boundedFetch(callMs),
    },
  });
