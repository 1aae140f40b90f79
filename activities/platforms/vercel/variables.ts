import type { VercelTarget } from '../../../domain/plan.ts';
import type { Driver } from '../driver.ts';
import type { Vercel } from './client.ts';
import { nameOf } from './place.ts';

/** The project's own and the team's shared ones, as far as production gets them. Values are never read. */
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
