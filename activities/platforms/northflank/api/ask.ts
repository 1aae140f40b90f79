import { z } from 'zod';
import { NoAnswer, parseAs, parseJson, request } from '../../../lib/http.ts';
import type { Budget, Purpose } from './budget.ts';
import { noAnswer, refusal, unknownForm } from './failure.ts';
import type { Asked } from './failure.ts';

export type Question = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path relative to the root of the API. */
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

const Problem = z.object({
  error: z.object({
    message: z.string(),
    details: z
      .object({ requiredPermission: z.string().nullish().catch(null) })
      .nullish()
      .catch(null),
  }),
});
const Page = z.object({ hasNextPage: z.boolean(), cursor: z.string().nullish() });
export type Page = z.infer<typeof Page>;

/**
 * Sends one request and returns the whole answer. If there is no answer, the failure does not
 * contain the text of the cause, because this text may contain parts of the request.
 */
async function exchange(connection: Connection, question: Question, asked: Asked) {
  const { api, token, timeoutMs } = connection;
  const { method, path, query, body } = question;
  const url = new URL(`${api.replace(/\/$/, '')}${path}`);
  url.search = new URLSearchParams(query ?? {}).toString();
  try {
    return await request({ method, url, token, body, timeoutMs });
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause;
    throw noAnswer(asked, cause.late ? `no answer in ${timeoutMs / 1000} s` : 'no answer');
  }
}

/**
 * Makes one call. Returns `data` of the answer, parsed by `schema`, and the cursor of the next
 * page.
 */
export async function ask<T>(
  connection: Connection,
  { asked, schema, ...question }: Question & { asked: Asked; schema: z.ZodType<T> },
): Promise<{ data: T; page: Page | null }> {
  connection.budget.spend(connection.purpose, asked.what);
  const answer = await exchange(connection, question, asked);
  connection.budget.learn(answer.headers);
  const body = parseJson(answer.text);
  if (!answer.ok) {
    const problem = parseAs(Problem, body);
    const { message = null, details } = problem.ok ? problem.data.error : {};
    throw refusal(asked, answer, { message, permission: details?.requiredPermission ?? null });
  }
  const Envelope = z.object({ data: schema, pagination: Page.nullish() });
  const result = Envelope.safeParse(body);
  if (!result.success) throw unknownForm(asked, placeOf(result.error));
  return { data: result.data.data, page: result.data.pagination ?? null };
}

const placeOf = ({ issues }: z.ZodError) => issues[0]?.path.join('.') || 'the body';
