import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Dispatcher, Response } from 'undici';
import { ApplicationFailure } from '@temporalio/common';
import type { z } from 'zod';
import { deadline, mayChangeNow, mustBeInTime } from './attempt.ts';
import { knownSecrets, learnHeaders } from './known-secrets.ts';
import { guardedAgent } from './safe-fetch/guarded-agent.ts';
import { isConfigurableAddress } from './safe-fetch/public-address.ts';
import { boundedSignal, cancellation } from './temporal-context.ts';

/** The largest size of an answer in bytes, after decompression. */
const mostBody = 16 * 1024 * 1024;

export type HttpCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL | string;
  token?: string;
  accept?: string | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as plain text, instead of `body`. */
  text?: string;
  headers?: Record<string, string>;
  /** If true, the body of the answer is not read, and `text` is empty. */
  onlyStatus?: true;
  /** The time limit from the start of the request to the end of the answer. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};
export type HttpAnswer = { status: number; ok: boolean; headers: Headers; text: string };

/**
 * Sends every request of this file. With NODE_USE_ENV_PROXY=1, requests go to the proxy that the
 * environment variables name, as in Node itself. Then only the proxy resolves the address.
 */
const agent: Dispatcher =
  process.env['NODE_USE_ENV_PROXY'] === '1'
    ? new EnvHttpProxyAgent()
    : guardedAgent(isConfigurableAddress, { keepAliveMs: 4000, connections: 256 });

/**
 * If an attempt is late, stops its request right before the first byte is written. It may take some
 * time to open the connection, and the worker may be paused in this time.
 */
const inTime: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const mustBe = deadline();
  return dispatch(options, {
    onRequestStart(controller, context) {
      handler.onRequestStart?.(controller, context);
      try {
        mustBe();
      } catch (failure) {
        controller.abort(failure as Error);
      }
    },
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  });
};
const dispatcher = agent.compose(inTime);

/** The function that sends requests. `npm run contract:live` replaces it to record the answers. */
export const transport = {
  fetch: (async (input, init) => await fetch(input, { ...init, dispatcher })) as typeof fetch,
};

/**
 * The error if a request gets no complete answer: there is no answer, the connection ends, or the
 * answer is too long. The message contains no part of the request or the answer.
 */
export class NoAnswer extends Error {
  readonly late: boolean;
  constructor(late: boolean) {
    super(late ? 'not in time' : 'no connection');
    this.name = 'NoAnswer';
    this.late = late;
  }
}

const headersOf = ({ token, accept, body, headers }: HttpCall) => ({
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  accept: accept ?? 'application/json',
  'user-agent': 'plimsoll',
  ...headers,
});

const bodyOf = ({ body, text }: HttpCall) => (body === undefined ? text : JSON.stringify(body));

async function send(call: HttpCall, signal: AbortSignal) {
  await beforeSending(call.method);
  const headers = headersOf(call);
  learnHeaders(new globalThis.Headers(headers));
  return await transport.fetch(call.url, {
    method: call.method,
    headers,
    body: bodyOf(knownSecrets.cleanAll(call)) ?? null,
    // `fetch` must not follow a redirect, because it would send the token to another address.
    redirect: 'manual',
    signal,
  });
}

/** Every method except GET and HEAD may change something. Some reads use POST. */
const beforeSending = async (method = 'GET') =>
  /^(GET|HEAD)$/i.test(method) ? mustBeInTime() : await mayChangeNow();

/**
 * If a failure stopped a request before it was sent, returns this failure, else undefined. `fetch`
 * puts such a failure into the cause of its own error.
 */
const unsent = (cause: unknown) =>
  [cause, (cause as Error).cause].find((it) => it instanceof ApplicationFailure);

/**
 * Runs `work`. Throws the reason of the cancellation if the activity or `signal` was cancelled.
 * Throws the failure that stopped the request before it was sent. Throws NoAnswer for every other
 * failure.
 */
async function orNoAnswer<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    for (const stop of [cancellation(), signal]) stop?.throwIfAborted();
    const stopped = unsent(cause);
    if (stopped) throw stopped;
    throw new NoAnswer((cause as Error).name === 'TimeoutError');
  }
}

/**
 * Sends one request to a vendor, once and without a retry. Returns a redirect as an answer. Throws
 * NoAnswer if there is no complete answer. Throws the reason of the cancellation if the activity or
 * `signal` is cancelled. In a late attempt of an effect, sends nothing and throws a transient
 * failure.
 */
export const request = (call: HttpCall): Promise<HttpAnswer> =>
  orNoAnswer(call.signal, async () => {
    const answer = await send(call, boundedSignal(call.timeoutMs, call.signal));
    if (!call.onlyStatus) return { ...headOf(answer), text: await bodyText(answer) };
    await answer.body?.cancel();
    return { ...headOf(answer), text: '' };
  });

/**
 * Sends one request and yields the body of the answer in parts, until `end` fires. If the answer is
 * not 2xx, throws the error that `failure` makes.
 */
export async function* stream(
  call: Omit<HttpCall, 'timeoutMs'>,
  end: AbortSignal,
  failure: (answer: HttpAnswer) => Error,
): AsyncGenerator<Uint8Array> {
  const cancel = cancellation();
  const signal = cancel ? AbortSignal.any([end, cancel]) : end;
  const answer = await orNoAnswer(undefined, () => send({ ...call, timeoutMs: 0 }, signal));
  if (!answer.ok) {
    const text = await orNoAnswer(undefined, () => bodyText(answer));
    throw failure({ ...headOf(answer), text });
  }
  const parts = bounded(answer.body, Number.POSITIVE_INFINITY);
  for (;;) {
    const part = await orNoAnswer(undefined, () => parts.next()).catch((cause: unknown) => {
      if (end.aborted && !cancel?.aborted) return null;
      throw cause;
    });
    if (part === null || part.done) return;
    yield part.value;
  }
}

const headOf = ({ status, ok, headers }: Response) => ({
  status,
  ok,
  headers: new globalThis.Headers([...headers]),
});

/** Returns the body as text. Throws if it has more than `most` bytes after decompression. */
async function bodyText(answer: Response, most = mostBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bounded(answer.body, most)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* bounded(body: Response['body'], most: number) {
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > most) throw new Error(`The answer is longer than ${most} bytes.`);
    yield chunk;
  }
}

/**
 * Makes a `fetch` for vendors' own client libraries. A request ends at the time limit, or when the
 * activity is cancelled. A body of more than `most` bytes after decompression is an error.
 */
export const boundedFetch =
  (timeoutMs: number, most = mostBody): typeof globalThis.fetch =>
  async (input, init) => {
    const signal = boundedSignal(timeoutMs, init?.signal ?? undefined);
    learnHeaders(new Headers(init?.headers ?? (input instanceof Request ? input.headers : {})));
    await beforeSending(init?.method ?? (input instanceof Request ? input.method : 'GET'));
    const send = transport.fetch as unknown as typeof globalThis.fetch;
    const answer = await send(input, { ...init, signal });
    const { status, statusText, headers } = answer;
    const body = answer.body && ReadableStream.from(bounded(answer.body as never, most));
    const whole = new globalThis.Response(body, { status, statusText, headers });
    Object.defineProperty(whole, 'url', { value: answer.url });
    return whole;
  };

/** Parses a text. Returns undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export type Parsed<T> = { ok: true; data: T } | { ok: false; where: string };

/**
 * Checks data against a schema. `where` is the path of the first wrong field, such as "data.id".
 * `where` is '' if the whole value is wrong.
 */
export function parseAs<T>(schema: z.ZodType<T>, data: unknown): Parsed<T> {
  const result = schema.safeParse(data);
  if (result.success) return { ok: true, data: result.data };
  return { ok: false, where: result.error.issues[0]?.path.join('.') ?? '' };
}
