import type { z } from 'zod';
import { cancellation } from '../../git/pulse.ts';
import { failureOf, noAnswer, unreadable } from './failure.ts';
import type { Account, Asked } from './failure.ts';
import { linesOf } from './ndjson.ts';

export type VercelDeps = {
  /** https://api.vercel.com */
  api: string;
  token: string;
  /** The environment variable that holds the token, for errors. */
  variable: string;
  /** team_… or its slug; undefined = the token's own account. */
  team?: string | undefined;
  timeoutMs?: number;
};
export type Ask = {
  /** 2xx as the schema reads it. */
  json<T>(asked: Asked, schema: z.ZodType<T>): Promise<T>;
  /** The same; null = one of the statuses that mean "there is none". */
  jsonOr<T>(asked: Asked, schema: z.ZodType<T>, none: readonly number[]): Promise<T | null>;
  /** The status, where it is one of `expected`; any other one is a failure. */
  status(asked: Asked, expected: readonly number[]): Promise<number>;
  /** The lines of a live answer until `end`, which may not come before the answer itself. */
  lines(asked: Asked, end: AbortSignal): AsyncGenerator<string>;
};

const mostBody = 16 * 1024 * 1024;

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > mostBody) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const scope = (team: string | undefined) =>
  team === undefined ? {} : { [team.startsWith('team_') ? 'teamId' : 'slug']: team };

function addressOf({ api, team }: VercelDeps, { path, query }: Asked): URL {
  const url = new URL(`${api.replace(/\/$/, '')}${path}`);
  for (const [key, value] of Object.entries({ ...query, ...scope(team) }))
    if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

const requestOf = ({ token }: VercelDeps, asked: Asked, signal: AbortSignal): RequestInit => ({
  method: asked.method,
  headers: {
    authorization: `Bearer ${token}`,
    accept: asked.accept ?? 'application/json',
    'user-agent': 'plimsoll',
    ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
  // The token goes to nobody that an answer names.
  redirect: 'manual',
  signal,
});

/** Runs a call; a cancel of the activity is told as itself. */
async function heard<T>(asked: Asked, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const cancel = cancellation();
    if (cancel?.aborted) throw cancel.reason;
    throw noAnswer(asked, cause);
  }
}

const withCancel = (signal: AbortSignal) =>
  AbortSignal.any([signal, cancellation()].filter((one) => one !== undefined));

function parsed<T>(schema: z.ZodType<T>, body: string, asked: Asked): T {
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    throw unreadable(asked, 'not JSON');
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const { path = [] } = result.error.issues[0] ?? {};
  throw unreadable(asked, path.length > 0 ? `"${path.join('.')}"` : 'its root');
}

/** One request a call: nothing is tried again here. Failures as of `failure.ts`. */
export function createAsk(deps: VercelDeps): Ask {
  const { timeoutMs = 15_000 } = deps;
  const account: Account = { variable: deps.variable, team: deps.team };
  const send = (asked: Asked, signal: AbortSignal) =>
    fetch(addressOf(deps, asked), requestOf(deps, asked, signal));
  const whole = (asked: Asked) =>
    heard(asked, async () => {
      const answer = await send(asked, withCancel(AbortSignal.timeout(timeoutMs)));
      return { answer, body: await textOf(answer) };
    });
  const jsonOr: Ask['jsonOr'] = async (asked, schema, none) => {
    const { answer, body } = await whole(asked);
    if (none.includes(answer.status)) return null;
    if (!answer.ok) throw failureOf(answer, body, asked, account);
    return parsed(schema, body, asked);
  };
  return {
    jsonOr,
    json: async (asked, schema) => {
      const { answer, body } = await whole(asked);
      if (!answer.ok) throw failureOf(answer, body, asked, account);
      return parsed(schema, body, asked);
    },
    async status(asked, expected) {
      const { answer, body } = await whole(asked);
      if (!expected.includes(answer.status)) throw failureOf(answer, body, asked, account);
      return answer.status;
    },
    async *lines(asked, end) {
      const answer = await heard(asked, () => send(asked, withCancel(end)));
      if (!answer.ok)
        throw failureOf(answer, await heard(asked, () => textOf(answer)), asked, account);
      try {
        yield* linesOf(answer.body);
      } catch (cause) {
        if (end.aborted && !cancellation()?.aborted) return;
        await heard(asked, () => Promise.reject(cause as Error));
      }
    },
  };
}
