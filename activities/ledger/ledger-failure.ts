import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/failures.ts';
import { final, transient } from '../lib/fail.ts';

const busy = 5;
const locked = 6;
const ioError = 10;
const full = 13;

/**
 * The engine's error as ours. Busy and I/O errors pass; a full or unreadable file needs a person.
 */
export function ledgerFailure(error: unknown, path: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { code, errcode = 0, message = String(error) } = error as Partial<SqliteError>;
  const result = errcode & 0xff;
  if (result === full || code === 'ENOSPC')
    return final(
      failures.misconfigured,
      `The ledger ${path} is full: nothing was written, because its disk or its size limit has no room left.\n` +
        'Free space on that disk, or move the file and set "ledger:" in plimsoll.yaml; ' +
        'then start the worker again: npx --no plimsoll up',
    );
  if ([busy, locked, ioError].includes(result))
    return transient(`The ledger ${path} did not answer (${message}); it will be tried again.`);
  return final(
    failures.misconfigured,
    `The ledger ${path} cannot be used: ${message}.\n` +
      'Check that the worker may write this file and that it is a ledger of Plimsoll, ' +
      'or set another path as "ledger:" in plimsoll.yaml; then: npx --no plimsoll up',
  );
}

type SqliteError = { code: string; errcode: number; message: string };
