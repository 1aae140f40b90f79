import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';
import { final, transient } from '../lib/fail.ts';

const busy = 5;
const locked = 6;
const ioError = 10;
const full = 13;

/**
 * Turns an error of SQLite into a failure. If the file is busy, locked or has an I/O error, the
 * failure is transient. If the file is full or cannot be read, the failure is final, because a
 * person must act.
 */
export function ledgerFailure(error: unknown, path: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { code, errcode = 0, message = String(error) } = error as Partial<SqliteError>;
  const result = errcode & 0xff;
  if (result === full || code === 'ENOSPC')
    return final(
      failures.misconfigured,
      `The ledger ${path} is full. Nothing was written, ` +
        'because the disk is full or the ledger reached its size limit.\n' +
        'Free space on that disk, or move the file and set "ledger:" in plimsoll.yaml to the new path. ' +
        'Then start the worker again: plimsoll up',
    );
  if ([busy, locked, ioError].includes(result))
    return transient(`The ledger ${path} did not answer (${message}). Plimsoll tries again.`);
  return final(
    failures.misconfigured,
    `The ledger ${path} cannot be used: ${message}.\n` +
      'Check that the worker may write this file and that it is a ledger of Plimsoll, ' +
      'or set another path as "ledger:" in plimsoll.yaml. ' +
      'Then start the worker again: plimsoll up',
  );
}

type SqliteError = { code: string; errcode: number; message: string };
