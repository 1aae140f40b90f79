import { setTimeout as delay } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import { quietLogger, slackFailure } from '../../activities/slack/client.ts';

type Interactive = { ack: () => Promise<void>; body: unknown };
export type Door = { close(): Promise<void> };
export type SocketSettings = {
  api: string;
  token: string;
  /** The name of the token's variable, for people. */
  variable: string;
  /** Resolves when the click is safe; Slack hears of it then, or shortly before its patience ends. */
  hear: (payload: unknown) => Promise<void>;
  warn: (line: string) => void;
  pauseMs?: number;
};

const helloMs = 15_000;
const mostPauseMs = 30_000;

/**
 * One websocket after the other. The client's own reconnect is off: what it throws there nobody can catch, and
 * it would end the worker. Nobody has to wait for `ready`: the first connection stands, or is known not to.
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
    if (failure && failures === 0 && !signal.aborted) warn(deafWords(failure));
    if (failure?.nonRetryable) return;
    // Slack renews its sockets every few hours; one that ends at once must not be opened in a circle.
    const renewed = failure === null && Date.now() - begun > mostPauseMs;
    failures = renewed ? 0 : failures + 1;
    const pause = renewed ? 0 : Math.min((pauseMs / 4) * 2 ** failures, mostPauseMs);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

type Failure = Error & { nonRetryable?: boolean };

/** Until it ends; null: it stood. */
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
    // It may still be on its way to a socket that nobody would close.
    starting.then(leave, () => undefined);
    const { api: channel, variable } = settings;
    const ask = { what: 'a socket for clicks', channel, variable, effect: false };
    return signal.aborted ? null : (slackFailure(cause ?? {}, ask) as Failure);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await delay(helloMs, undefined, { signal, ref: false });
  throw new Error('no hello');
}

async function answer({ hear, warn }: SocketSettings, ack: () => Promise<void>, body: unknown) {
  try {
    await hear(body);
    await ack();
  } catch (cause) {
    // Unanswered, Slack shows it to who clicked, who clicks once more.
    warn(`A click at Slack was not acknowledged: ${(cause as Error).message}`);
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
      timeout: 10_000,
    },
  });

const deafWords = ({ message, nonRetryable }: Failure) =>
  `Clicks at Slack are not heard: ${message}\n` +
  (nonRetryable
    ? 'Until then approvals are signed by key.'
    : 'It is tried again; until then approvals are signed by key.');
