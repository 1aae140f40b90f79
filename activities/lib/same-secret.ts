import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * True if two secrets are equal. The comparison always takes the same time, so an attacker cannot
 * guess a secret from the duration.
 */
export const sameSecret = (one: string, other: string) =>
  timingSafeEqual(digest(one), digest(other));
