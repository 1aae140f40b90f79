import type { GateName, GateReport } from '../../domain/deploy/plan.ts';
import type { Judged } from '../../domain/gates/judged.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { knownSecrets } from '../lib/known-secrets.ts';

/**
 * Makes the report of a gate. `loud` lists problems that did not close the gate. `reasons` must
 * begin with these problems, because the report stores only how many there are.
 */
export const reportOf = (
  gate: GateName,
  { open, reasons }: Judged,
  loud: readonly unknown[] = [],
): GateReport => ({
  gate,
  open,
  reasons: reasons.map((reason) => withoutSecrets(knownSecrets.clean(reason))),
  ...(open && loud.length > 0 ? { loud: loud.length } : {}),
  checkedAt: new Date().toISOString(),
});
