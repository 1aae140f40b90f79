import type { z } from 'zod';
import { transient } from '../lib/fail.ts';
import type { Asked } from './failure.ts';

/** Runs `call`. If `call` fails, throws a failure whose message names `asked.what`. */
export type Ask = <T>(asked: Asked, call: () => Promise<T>) => Promise<T>;

/**
 * Returns the answer of GitHub if the answer fits the schema. Additional fields are allowed. Throws
 * a transient failure if a field of the schema is missing or has another type.
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
