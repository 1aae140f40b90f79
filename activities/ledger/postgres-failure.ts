import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../domain/deploy/failures.ts';
import { final, transient } from '../lib/fail.ts';
import type { PostgresAddress } from './postgres-address.ts';

export const uniqueViolation = '23505';

/**
 * Codes of transient errors: lost or refused connections, serialization failures, deadlocks,
 * shutdowns, I/O errors and busy locks. The code 23505 means that another writer has just added the
 * same key. A retry finds this key.
 */
const passing =
  /^(08...|40...|57P0[1235]|57014|58...|53000|53200|53300|55P03|25P0[34]|23505|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|E\w+UNREACH)$/;
/** Matches the texts of transient errors to which the driver gives no code. */
const passingText = /connection (was )?(terminated|closed|ended)|time(d )?out|not queryable/i;

/**
 * Turns an error of PostgreSQL into a transient or a final failure. The failure is final if a
 * person must act. Then its message says what to do.
 */
export function postgresFailure(error: unknown, address: PostgresAddress): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { code, why } = read(error, address);
  const { place } = address;
  if (code ? passing.test(code) : passingText.test(why))
    return transient(`The ledger ${place} did not answer (${why}). Plimsoll tries again.`);
  return final(
    failures.misconfigured,
    `The ledger ${place} cannot be used: ${why}.\n${remedy(code)}. Then start the worker again: plimsoll worker`,
  );
}

/**
 * Turns an error at the start of the worker into a final failure. Nothing retries while the worker
 * starts.
 */
export function postgresStartFailure(error: unknown, address: PostgresAddress): ApplicationFailure {
  const failure = postgresFailure(error, address);
  if (failure.type !== failures.unavailable) return failure;
  const { why } = read(error, address);
  return final(
    failures.misconfigured,
    `The ledger ${address.place} does not answer: ${why}. The worker did not start.\n` +
      'Check that PostgreSQL runs there and that DATABASE_URL ' +
      "in the worker's environment is right. Then start the worker again: plimsoll worker",
  );
}

/**
 * Returns the code and the text of an error, without secrets. If the error has no text, the code is
 * used as the text. For example, an error about several addresses has no text.
 */
function read(error: unknown, { scrub }: PostgresAddress) {
  const { code, message } = error as { code?: string; message?: string };
  return { code, why: scrub(message || code || String(error)) };
}

function remedy(code = ''): string {
  if (code === '53100')
    return 'Nothing was written. Free space on the disk of PostgreSQL, or point DATABASE_URL to a database that has room';
  if (code === '42501')
    return (
      'Let the role of DATABASE_URL write the ledger: GRANT USAGE ON SCHEMA plimsoll and ' +
      'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA plimsoll. ' +
      'The first start also needs CREATE on the database'
    );
  if (code === '25006')
    return 'Nothing was written. Point DATABASE_URL to the primary server, or end its read-only mode';
  if (code === '3D000')
    return 'Create the database with createdb, or name another database in DATABASE_URL';
  if (code.startsWith('28'))
    return "Check the user and the password of DATABASE_URL in the worker's environment";
  return "Check DATABASE_URL in the worker's environment, and check that the tables there belong to Plimsoll";
}
