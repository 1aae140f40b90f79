import { ApplicationFailure } from '@temporalio/common';
import type { GateName, GateReport } from '../../domain/plan.ts';
import { finalFailures } from '../../domain/failures.ts';
import type { Judged } from '../../domain/policy/gates.ts';
import { cancellation } from '../git/pulse.ts';

/** `loud`: what it is open in spite of, first among its reasons. */
export const reportOf = (
  gate: GateName,
  { open, reasons }: Judged,
  loud: readonly unknown[] = [],
): GateReport => ({
  gate,
  open,
  reasons,
  ...(open && loud.length > 0 ? { loud: loud.length } : {}),
  checkedAt: new Date().toISOString(),
});

/**
 * What cannot be read for good is one reason among the others. What may be read later throws: the gate is
 * asked again, and closes when that does not help.
 */
export async function readOr<T>(
  errors: string[],
  read: () => Promise<T>,
  otherwise: T,
): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof ApplicationFailure) || !finalFailures.includes(cause.type ?? ''))
      throw cause;
    errors.push(reasonOf(cause));
    return otherwise;
  }
}

/** For a deploy that cannot wait: what may be read later is a reason as well. Rejects when it is cancelled. */
export const readNow: typeof readOr = async (errors, read, otherwise) => {
  try {
    return await read();
  } catch (cause) {
    if (cancellation()?.aborted) throw cause;
    errors.push(reasonOf(cause as Error));
    return otherwise;
  }
};

const reasonOf = ({ message }: Error) => message.replaceAll('\n', ' ').replace(/\.$/, '');
