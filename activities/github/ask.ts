import type { z } from 'zod';
import { transient } from '../lib/fail.ts';
import type { Asked } from './failure.ts';

/** Makes a call to GitHub. If the call fails, throws a failure with Plimsoll's own message. */
export type Ask = <T>(asked: Asked, call: () => Promise<T>) => Promise<T>;

/**
 * Checks that an answer of GitHub fits the schema, and returns the answer. GitHub may add fields.
 * If a field of the schema is missing or has another type, throws a transient failure, as if there
 * was no answer.
 */
export function parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw transient(`GitHub answered the request for ${what} in an unknown form (field "${where}").`);
}

/** Splits owner/name into the two fields that Octokit needs. */
export const split = (repository: string) => {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
};
