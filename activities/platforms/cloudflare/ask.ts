import { z } from 'zod';
import { transient } from '../../lib/fail.ts';
import type { Access } from './access.ts';
import { cloudflareFailure, isAbsent } from './failure.ts';
import type { Problem } from './failure.ts';

export type Question<T> = {
  path: string;
  /** For people: "the deployments of agency-router". */
  what: string;
  schema: z.ZodType<T>;
  signal?: AbortSignal | undefined;
};

const timeoutMs = 10_000;

const Envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number().catch(0), message: z.string().catch('') })).nullish(),
  result: z.unknown(),
});

type Answer = { status: number; body: unknown; after: number | null };

/** One request, once; a redirect is no answer. Transient: none came, or none that is JSON. */
export async function fetchJson(
  access: Access,
  { path, what, signal }: Omit<Question<unknown>, 'schema'>,
  body?: unknown,
): Promise<Answer> {
  const bounds = [AbortSignal.timeout(timeoutMs), signal].filter((one) => one !== undefined);
  try {
    const response = await fetch(`${access.api}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${access.token}`,
        'user-agent': 'plimsoll',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.any(bounds),
    });
    const { status, headers } = response;
    const after = Number(headers.get('retry-after')) || null;
    return { status, after, body: parse(await response.text()) };
  } catch {
    signal?.throwIfAborted();
    throw transient(`Cloudflare did not answer: ${what}.`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The `result` of a successful envelope; anything else is a failure of ours. */
export async function ask<T>(access: Access, question: Question<T>): Promise<T> {
  const answer = await tryAsk(access, question);
  if (answer.found) return answer.result;
  throw cloudflareFailure(answer.problem, access, question.what);
}

/** The same, where the worker may not be there yet: null. */
export async function askIfThere<T>(access: Access, question: Question<T>): Promise<T | null> {
  const answer = await tryAsk(access, question);
  if (answer.found) return answer.result;
  if (isAbsent(answer.problem)) return null;
  throw cloudflareFailure(answer.problem, access, question.what);
}

type Tried<T> = { found: true; result: T } | { found: false; problem: Problem };

export async function tryAsk<T>(access: Access, question: Question<T>): Promise<Tried<T>> {
  const { status, body, after } = await fetchJson(access, question);
  const envelope = Envelope.safeParse(body);
  const errors = (envelope.success ? envelope.data.errors : null) ?? [];
  const codes = errors.map(({ code }) => code);
  const said = errors.map(({ message }) => message).join('; ');
  if (status < 200 || status >= 300 || (envelope.success && !envelope.data.success))
    return { found: false, problem: { status, codes, said, after } };
  const parsed = envelope.success ? question.schema.safeParse(envelope.data.result) : envelope;
  if (parsed.success) return { found: true, result: parsed.data as T };
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw transient(`Cloudflare answered in an unknown form ("${where}"): ${question.what}.`);
}
