import type { GateName, GateReport } from '../../domain/deploy/plan.ts';
import type { Judged } from '../../domain/gates/judged.ts';

/**
 * Makes the report of a gate. `loud` lists problems that did not close the gate. `reasons` must
 * begin with these problems, because the report keeps only their number.
 */
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
