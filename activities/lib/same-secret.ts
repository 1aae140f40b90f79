import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * True if two secrets are equal. The duration of this comparison does not show how similar the
 * secrets are.
 */
export const sameSecret = (one: string, other: string) =>
  timingSafeEqual(digest(one), digest(other));
