import { routine } from './wire.ts';

/**
 * Returns true if the reason has at least 3 letters or digits. Approvers decide by the reason, so
 * blanks and dots are not enough.
 */
export const saysWhy = (reason: string) => (reason.match(/[\p{L}\p{N}]/gu) ?? []).length >= 3;

/**
 * Returns true if the reason says more than the default reason. Upper and lower case, blanks and
 * punctuation make no difference.
 */
export const isOwnReason = (reason: string) => saysWhy(reason) && plain(reason) !== plain(routine);

const plain = (reason: string) =>
  (
    reason
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]/gu) ?? []
  ).join('');
