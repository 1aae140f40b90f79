import { createHash } from 'node:crypto';

/** Returns eight hexadecimal digits that identify a prepare command; zeros = no prepare command. */
export const fingerprint = (prepare: string | null): string =>
  prepare === null ? '00000000' : createHash('sha256').update(prepare).digest('hex').slice(0, 8);
