import { routine } from '../messages.ts';

/** Approvers decide by it: blanks, dots and signs that nobody sees are no reason. */
export const saysWhy = (reason: string) => (reason.match(/[\p{L}\p{N}]/gu) ?? []).length >= 3;

/** It says more than the default does, however that is written. */
export const isOwnReason = (reason: string) => saysWhy(reason) && plain(reason) !== plain(routine);

const plain = (reason: string) =>
  (
    reason
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]/gu) ?? []
  ).join('');
