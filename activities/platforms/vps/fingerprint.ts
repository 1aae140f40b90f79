import { createHash } from 'node:crypto';

/** Eight digits that say how a tree was prepared; zeros: not at all. */
export const fingerprint = (prepare: string | null): string =>
  prepare === null ? '00000000' : createHash('sha256').update(prepare).digest('hex').slice(0, 8);
