import type { z } from 'zod';
import { NoAnswer, parseAs, parseJson, request, stream } from '../../../lib/http.ts';
import type { HttpAnswer, HttpCall } from '../../../lib/http.ts';
import { failureOf, noAnswer, refusalOf, unreadableAnswer } from './failure.ts';
import type { Account, Asked, Refusal } from './failure.ts';
import { linesOf } from './ndjson.ts';

export type VercelDeps = {
  /** Address of the API: https://api.vercel.com, or the address of a sandbox. */
  api: string;
  token: string;
  /** Name of the environment variable with the token, for error texts. */
  variable: string;
  /** The id (team_…) or slug of the team. undefined means the token's own account. */
  team?: string | undefined;
  timeoutMs?: number;
};
export type Ask = {
  /** Returns a 2xx answer, parsed by the schema. Throws a failure for every other answer. */
  json<T>(asked: Asked, schema: z.ZodType<T>): Promise<T>;
  /** Like `json`, but returns null for a status in `none`, such as 404. */
  jsonOr<T>(asked: Asked, schema: z.ZodType<T>, none: readonly number[]): Promise<T | null>;
  /**
   * Returns a 2xx answer, parsed by the schema, or the refusal. Throws a failure if the token is
   * unknown, if a rate limit is reached, or if there is no answer.
   */
  jsonOrRefusal<T>(asked: Asked, schema: z.ZodType<T>): Promise<T | Refusal>;
  /** Returns the status if it is one of `expected`. Throws a failure for every other status. */
  status(asked: Asked, expected: readonly number[]): Promise<number>;
  /**
   * Yields the lines of a stream until `end` aborts. `end` must not abort before the answer begins.
   */
  lines(asked: Asked, end: AbortSignal): AsyncGenerator<string>;
};

const scope = (team: string | undefined) =>
  team === undefined ? {} : { [team.startsWith('team_') ? 'teamId' : 'slug']: team };

function addressOf({ api, team }: VercelDeps, { path, query }: Asked): URL {
  const url = new URL(`${api.replace(/\/$/, '')}${path}`);
  for (const [key, value] of Object.entries({ ...query, ...scope(team) }))
    if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

const callOf = (deps: VercelDeps, asked: Asked): HttpCall => ({
  method: asked.method,
  url: addressOf(deps, asked),
  token: deps.token,
  accept: asked.accept,
  body: asked.body,
  timeoutMs: deps.timeoutMs ?? 15_000,
});

function parsed<T>(schema: z.ZodType<T>, { text }: HttpAnswer, asked: Asked): T {
  const data = parseJson(text);
  if (data === undefined) throw unreadableAnswer(asked, 'not JSON');
  const result = parseAs(schema, data);
  if (result.ok) return result.data;
  throw unreadableAnswer(asked, result.where === '' ? 'its root' : `"${result.where}"`);
}

/**
 * Makes the functions that send requests. Each call sends one request, without a retry. The
 * functions throw the failures that `failure.ts` makes.
 */
export function createAsk(deps: VercelDeps): Ask {
  const account: Account = { variable: deps.variable, team: deps.team };
  const toFailure =
    (asked: Asked) =>
    (cause: unknown): never => {
      throw cause instanceof NoAnswer ? noAnswer(asked, cause) : cause;
    };
  const whole = (asked: Asked) => request(callOf(deps, asked)).catch(toFailure(asked));
  const jsonOr: Ask['jsonOr'] = async (asked, schema, none) => {
    const answer = await whole(asked);
    if (none.includes(answer.status)) return null;
    if (!answer.ok) throw failureOf(answer, asked, account);
    return parsed(schema, answer, asked);
  };
  return {
    jsonOr,
    json: async (asked, schema) => {
      const answer = await whole(asked);
      if (!answer.ok) throw failureOf(answer, asked, account);
      return parsed(schema, answer, asked);
    },
    async jsonOrRefusal(asked, schema) {
      const answer = await whole(asked);
      if (answer.ok) return parsed(schema, answer, asked);
      const refusal = refusalOf(answer);
      if (refusal) return refusal;
      throw failureOf(answer, asked, account);
    },
    async status(asked, expected) {
      const answer = await whole(asked);
      if (!expected.includes(answer.status)) throw failureOf(answer, asked, account);
      return answer.status;
    },
    async *lines(asked, end) {
      const body = stream(callOf(deps, asked), end, (answer) => failureOf(answer, asked, account));
      try {
        yield* linesOf(body);
      } catch (cause) {
        toFailure(asked)(cause);
      }
    },
  };
}
