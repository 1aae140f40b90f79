import { z } from 'zod';
import { NoAnswer, parseJson, request } from '../../../lib/http.ts';
import type { HttpAnswer } from '../../../lib/http.ts';
import type { Permission } from '../../../../domain/platforms/cloudflare/permissions.ts';
import type { Access } from './access.ts';
import { cloudflareFailure, isAbsent, noAnswer, unknownForm } from './failure.ts';
import type { Problem } from './failure.ts';

export type Question<T> = {
  path: string;
  /** The requested object, for error texts: "the deployments of agency-router". */
  what: string;
  schema: z.ZodType<T>;
  /** The permissions that the request needs, for error texts. Default: Workers Scripts. */
  needed?: readonly Permission[];
  signal?: AbortSignal | undefined;
};

const timeoutMs = 10_000;

const Envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number().catch(0), message: z.string().catch('') })).nullish(),
  result: z.unknown(),
});

type Answer = Pick<HttpAnswer, 'status' | 'headers'> & { body: unknown };

/**
 * Sends one request, without a retry. Does not follow a redirect. The returned `body` is undefined
 * if the answer is not JSON. Throws a transient failure if there is no answer.
 */
export async function fetchJson(
  access: Access,
  { path, what, signal }: Omit<Question<unknown>, 'schema'>,
  body?: unknown,
): Promise<Answer> {
  const { api, token } = access;
  const method = body === undefined ? 'GET' : 'POST';
  try {
    const url = `${api}${path}`;
    const { status, headers, text } = await request({
      method,
      url,
      token,
      body,
      timeoutMs,
      signal,
    });
    return { status, headers, body: parseJson(text) };
  } catch (cause) {
    throw cause instanceof NoAnswer ? noAnswer(what) : cause;
  }
}

/** Returns the `result` of a successful answer. Throws a failure for every other answer. */
export async function ask<T>(access: Access, question: Question<T>): Promise<T> {
  const answer = await tryAsk(access, question);
  if (answer.found) return answer.result;
  throw cloudflareFailure(answer.problem, access, question.what, question.needed);
}

/** Like `ask`, but returns null if the worker or the version does not exist. */
export async function askIfThere<T>(access: Access, question: Question<T>): Promise<T | null> {
  const answer = await tryAsk(access, question);
  if (answer.found) return answer.result;
  if (isAbsent(answer.problem)) return null;
  throw cloudflareFailure(answer.problem, access, question.what);
}

type Tried<T> = { found: true; result: T } | { found: false; problem: Problem };

export async function tryAsk<T>(access: Access, question: Question<T>): Promise<Tried<T>> {
  const { status, body, headers } = await fetchJson(access, question);
  const envelope = Envelope.safeParse(body);
  const errors = (envelope.success ? envelope.data.errors : null) ?? [];
  const codes = errors.map(({ code }) => code);
  const said = errors.map(({ message }) => message).join('; ');
  if (status < 200 || status >= 300 || (envelope.success && !envelope.data.success))
    return { found: false, problem: { status, codes, said, headers } };
  const parsed = envelope.success ? question.schema.safeParse(envelope.data.result) : envelope;
  if (parsed.success) return { found: true, result: parsed.data as T };
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw unknownForm(question.what, where);
}
