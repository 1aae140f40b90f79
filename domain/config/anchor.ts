import { z } from 'zod';
import { isRepository } from '../lib/repository.ts';

/**
 * Where the workers keep copies of the head of the ledger, out of reach of a person who can write to
 * the ledger. 'off': nowhere.
 */
export const Anchor = z.union([
  z.literal('off'),
  z.strictObject({
    /** The workers push the branch plimsoll-ledger to this repository. */
    git: z.string().refine(isRepository, { error: 'use https://host/path or git@host:path' }),
  }),
  z.strictObject({
    /** The workers post to this channel, with the token of `slack`. */
    slack: z.string().regex(/^#?[^\s#]{1,80}$/, 'use the name of a channel, such as #ledger'),
  }),
]);
