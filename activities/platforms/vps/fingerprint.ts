import { createHash } from 'node:crypto';

/**
 * Returns eight hex digits that identify a prepare command. Without a prepare command, returns
 * eight zeros.
 */
export const fingerprint = (prepare: string | null): string =>
  prepare === null ? '00000000' : createHash('sha256').update(prepare).digest('hex').slice(0, 8);
