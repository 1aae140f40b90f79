import { ApplicationFailure } from '@temporalio/common';
import type { GateName, GateReport } from '../../domain/plan.ts';
import { finalFailures } from '../../domain/failures.ts';
import type { Judged } from '../../domain/policy/gates.ts';

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
    errors.push(cause.message.replaceAll('\n', ' ').replace(/\.$/, ''));
    return otherwise;
  }
}
