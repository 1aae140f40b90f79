import { z } from 'zod';
import { isRepository } from '../lib/repository.ts';

/**
 * The place where the workers keep copies of the head of the ledger. A person who can write to the
 * ledger must not be able to write there. 'off': the workers keep no copies.
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
