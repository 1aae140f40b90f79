import { z } from 'zod';

/** A word that Vercel will add one day is 'unknown', never an error. */
export const known = <Word extends string>(words: readonly Word[]) =>
  z.string().transform((word) => words.find((one) => one === word) ?? ('unknown' as const));

export const plans = ['hobby', 'pro', 'enterprise'] as const;
