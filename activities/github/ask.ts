import type { z } from 'zod';
import { transient } from '../lib/fail.ts';
import type { Asked } from './failure.ts';

/** One call, its failure told in our words. */
export type Ask = <T>(asked: Asked, call: () => Promise<T>) => Promise<T>;

/** GitHub answers unknown fields and drops none that we read: anything else is no answer. */
export function parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw transient(`GitHub answered in an unknown form ("${where}"): ${what}.`);
}

/** owner/name as Octokit wants it. */
export const split = (repository: string) => {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
};
