import { z } from 'zod';
import { cancellation } from '../../git/pulse.ts';
import type { Budget, Purpose } from './budget.ts';
import { noAnswer, refusal, unknownForm } from './failure.ts';
import type { Asked } from './failure.ts';

export type Question = {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the API's root. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
};
export type Connection = {
  api: string;
  token: string;
  budget: Budget;
  purpose: Purpose;
  timeoutMs: number;
};

const Problem = z.object({ error: z.object({ message: z.string() }) });
const Page = z.object({ hasNextPage: z.boolean(), cursor: z.string().nullish() });
export type Page = z.infer<typeof Page>;

function send({ api, token, timeoutMs }: Connection, { method, path, query, body }: Question) {
  const url = new URL(`${api.replace(/\/$/, '')}${path}`);
  url.search = new URLSearchParams(query ?? {}).toString();
  const signals = [AbortSignal.timeout(timeoutMs), cancellation()].filter(
    (one) => one !== undefined,
  );
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'user-agent': 'plimsoll',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.any(signals),
  });
}

/** The whole answer, or why there is none; never the cause's own text: it may show what was sent. */
async function exchange(connection: Connection, question: Question, asked: Asked) {
  try {
    const answer = await send(connection, question);
    return { answer, text: await answer.text() };
  } catch (cause) {
    const signal = cancellation();
    if (signal?.aborted) throw signal.reason;
    const late = (cause as Error).name === 'TimeoutError';
    throw noAnswer(asked, late ? `no answer in ${connection.timeoutMs / 1000} s` : 'no answer');
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One call, told in our words: `data` of the answer as `schema` reads it, and where the next page is. */
export async function ask<T>(
  connection: Connection,
  { asked, schema, ...question }: Question & { asked: Asked; schema: z.ZodType<T> },
): Promise<{ data: T; page: Page | null }> {
  connection.budget.spend(connection.purpose, asked.what);
  const { answer, text } = await exchange(connection, question, asked);
  connection.budget.learn(answer.headers);
  const body = json(text);
  if (!answer.ok) {
    const problem = Problem.safeParse(body);
    throw refusal(asked, answer, problem.success ? problem.data.error.message : null);
  }
  const Envelope = z.object({ data: schema, pagination: Page.nullish() });
  const result = Envelope.safeParse(body);
  if (!result.success) throw unknownForm(asked, placeOf(result.error));
  return { data: result.data.data, page: result.data.pagination ?? null };
}

const placeOf = ({ issues }: z.ZodError) => issues[0]?.path.join('.') || 'the body';
