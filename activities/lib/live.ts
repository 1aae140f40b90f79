import { scrub } from '../../domain/messages/parts/scrub.ts';
import { judgeRead, rowOf, withTheRest } from '../../domain/services/live.ts';
import type { Answered, Shown, Tried } from '../../domain/services/live.ts';
import type { VendorService } from '../../domain/services/call.ts';
import { parseJson, request, stream } from './http.ts';
import type { HttpAnswer, HttpCall } from './http.ts';

export type LiveDeps = {
  service: VendorService;
  /** The name of the account, project or host, for people, such as "GitHub acme/shop". */
  place: string;
  /** Address of the API, without a slash at the end. */
  api: string;
  token: string;
  variable: string;
};

/** A read that `plimsoll doctor --live` makes. `call` is a row of the vendor's table. */
export type LiveRead = {
  call: string;
  /** Path and query, relative to the address of the API. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /**
   * The body, sent as JSON with POST. The POST must change nothing at the vendor.
   */
  body?: unknown;
  accept?: string;
  /** Statuses other than 2xx that also show that the call works. */
  also?: readonly number[];
  /**
   * Returns a reason if the answer means that the vendor has nothing to read here, else null.
   */
  none?: (status: number, words: string) => string | null;
  /** If true, the answer is a stream without an end, so only its beginning is read. */
  streams?: true;
};

export type Live = {
  /** Makes one read. Returns the answer, or undefined if the call did not work. Never rejects. */
  read(read: LiveRead): Promise<{ data: unknown; headers: Headers } | undefined>;
  /** Sets the token for the following reads. */
  use(token: string): void;
  /** Records a read that could not be sent, with the reason. */
  failed(call: string, why: string): void;
  /** Returns all results. For every row of the table that was not tried, adds a result. */
  end(why: string | ((call: string) => string), shown?: Shown): Tried[];
};

const timeoutMs = 15_000;
const streamMs = 3_000;

/** Sends the read requests for one place and records each result. Changes nothing. */
export function createLive(deps: LiveDeps): Live {
  const { service, place, variable } = deps;
  let { token } = deps;
  const tried: Tried[] = [];
  const add = (call: string, found: Pick<Tried, 'verdict' | 'said'>) => {
    const row = service.calls.find((one) => one.call === call);
    if (!row || row.effect) throw new Error(`${call} is no read of ${service.title}`);
    // Several reads of the same call share one row of the results. The row shows the first problem.
    // Without a problem, it shows the last result.
    const earlier = tried.findIndex((one) => one.call === call);
    const one = { ...rowOf(service, row), place, variable, ...found };
    if (earlier < 0) tried.push(one);
    else if (!isBad(tried[earlier])) tried[earlier] = one;
  };
  return {
    use: (other) => void (token = other),
    failed: (call, why) => add(call, { verdict: 'failed', said: scrub(why) }),
    async read(read) {
      const answer = await send({ ...deps, token }, read).catch((cause: unknown) => cause as Error);
      if (answer instanceof Error) {
        add(read.call, { verdict: 'failed', said: `no answer: ${scrub(answer.message)}` });
        return undefined;
      }
      const data = parseJson(answer.text);
      const found = answered(answer, data);
      const right = read.also?.includes(found.status) ?? false;
      const status = right ? 200 : found.status;
      const verdict = judgeRead({ ...found, status }, read.none ?? (() => null));
      add(read.call, verdict);
      return verdict.verdict === 'ok' ? { data, headers: answer.headers } : undefined;
    },
    end: (why, shown = () => null) => withTheRest(service, tried, { place, variable, why, shown }),
  };
}

const isBad = (one: Tried | undefined) => one?.verdict === 'refused' || one?.verdict === 'failed';

async function send(deps: LiveDeps, read: LiveRead): Promise<HttpAnswer> {
  const url = new URL(`${deps.api}${read.path}`);
  for (const [key, value] of Object.entries(read.query ?? {}))
    if (value !== undefined) url.searchParams.set(key, String(value));
  const { body, accept } = read;
  const method = body === undefined ? 'GET' : 'POST';
  const call: HttpCall = { method, url, token: deps.token, body, accept, timeoutMs };
  return read.streams ? await begin(call) : await request(call);
}

/** Reads the beginning of a stream. */
async function begin({ timeoutMs: _, ...call }: HttpCall): Promise<HttpAnswer> {
  let refused: HttpAnswer | undefined;
  const failure = (answer: HttpAnswer) => {
    refused = answer;
    return new Error('refused');
  };
  try {
    for await (const _part of stream(call, AbortSignal.timeout(streamMs), failure)) break;
  } catch (cause) {
    if (!refused) throw cause;
  }
  return refused ?? { status: 200, ok: true, headers: new Headers(), text: '' };
}

type Spoken = {
  message?: unknown;
  ok?: unknown;
  error?: unknown;
  errors?: { message?: unknown }[] | null;
};

/**
 * Finds the vendor's own error text. Slack and GraphQL report an error with the status 200. This
 * function gives such an error the status 401 or 403.
 */
function answered({ status, headers }: HttpAnswer, data: unknown): Answered {
  const body = (typeof data === 'object' && data !== null ? data : {}) as Spoken;
  const { error } = body;
  const inner = typeof error === 'object' ? (error as Spoken | null)?.message : error;
  const said = inner ?? body.message ?? body.errors?.[0]?.message ?? '';
  const words = scrub(typeof said === 'string' ? said : '').slice(0, 300);
  const failed = status === 200 && (body.ok === false || (body.errors?.length ?? 0) > 0);
  const limited =
    status === 429 || headers.get('retry-after') !== null || /rate ?limit/i.test(words);
  return { status: failed ? (isTokenWord(words) ? 401 : 403) : status, words, limited };
}

/**
 * True if Slack's error word says that the token is missing, unknown, expired or revoked, or that
 * its account is deactivated.
 */
const isTokenWord = (words: string) =>
  /^(invalid_auth|not_authed|token_revoked|token_expired|account_inactive)$/.test(words);

/** Returns the value at a path of keys in an answer, or undefined. */
export const at = (data: unknown, ...keys: (string | number)[]): unknown =>
  keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    data,
  );

/**
 * Returns the text or number at a path of keys, or undefined. The next request uses this value in
 * its path.
 */
export const idAt = (data: unknown, ...keys: (string | number)[]): string | undefined => {
  const value = at(data, ...keys);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};
