import { UserError } from '../domain/lib/user-error.ts';
import type { Io } from './io.ts';

export { UserError };

/**
 * A person can fix the errors of these types. A person can also fix every error with an exit code,
 * and every UserError. Any other error is a bug of Plimsoll.
 */
const forPeople: readonly unknown[] = ['Refused', 'Misconfigured'];

/** Prints the error and returns the exit code. Prints the stack only if the error is a bug. */
export function report(error: unknown, io: Io): number {
  const code = exitCodeFor(error);
  if (code === undefined) return reportBug(error, io);
  const { message } = error as Error;
  io.say(io.json ? JSON.stringify({ error: message, exitCode: code }) : message);
  return code;
}

function exitCodeFor(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { exitCode, type } = error as { exitCode?: unknown; type?: unknown };
  if (typeof exitCode === 'number') return exitCode;
  return forPeople.includes(type) || error.name === 'UserError' ? 2 : undefined;
}

function reportBug(error: unknown, io: Io): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.say(
    io.json
      ? JSON.stringify({ error: stack, exitCode: 1 })
      : `This is a bug in Plimsoll, not in your command. Please report it with these lines:\n${stack}`,
  );
  return 1;
}
