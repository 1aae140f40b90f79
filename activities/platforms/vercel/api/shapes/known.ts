import { z } from 'zod';

/**
 * Makes a schema for a word from the list `words`. Any other word becomes 'unknown', because Vercel
 * may add words.
 */
export const known = <Word extends string>(words: readonly Word[]) =>
  z.string().transform((word) => words.find((one) => one === word) ?? ('unknown' as const));

export const plans = ['hobby', 'pro', 'enterprise'] as const;
