import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { Driver } from '../driver.ts';
import type { Vercel } from './api/client.ts';
import { nameOf } from './place.ts';

/**
 * Returns the required variables that are missing for production. A variable counts as present if
 * the project, or the shared variables of the team, have its name. Values are never read.
 */
export async function variablesAt(
  vercel: Vercel,
  target: VercelTarget,
): ReturnType<Driver<VercelTarget>['variables']> {
  const { id, name } = await vercel.project(target.project);
  const [own, shared] = await Promise.all([
    vercel.variables(id),
    vercel.sharedVariables({ id, name }),
  ]);
  const production = [...own, ...(shared ?? [])].filter(
    ({ targets, branch }) => targets.includes('production') && branch === null,
  );
  const names = new Set(production.map((variable) => variable.name));
  const missing = target.requiredVariables.filter((wanted) => !names.has(wanted));
  return { hosts: [{ host: nameOf(target), missing }], sourceErrors: [] };
}
