import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { Driver } from '../driver.ts';
import type { Vercel } from './api/client.ts';
import { nameOf, variableOf } from './place.ts';

/**
 * Returns the required variables that are missing for production. A variable is present if the
 * project or the team's shared variables have its name. Reads no values.
 */
export async function variablesAt(
  vercel: Vercel,
  target: VercelTarget,
): ReturnType<Driver<VercelTarget>['variables']> {
  const { id, name } = await vercel.project(target.project);
  const [own, shared] = await Promise.all([
    vercel.variables(name),
    vercel.sharedVariables({ id, name }),
  ]);
  const refusal = 'refused' in shared ? shared : null;
  const production = [...own, ...('refused' in shared ? [] : shared)].filter(
    ({ targets, branch }) => targets.includes('production') && branch === null,
  );
  const names = new Set(production.map((variable) => variable.name));
  const missing = target.requiredVariables.filter((wanted) => !names.has(wanted));
  const hidden = missing.length > 0 && refusal?.refused === 403;
  const sourceErrors = hidden
    ? [
        `the shared variables of the team (wanted: ${missing.join(', ')}), because the token in ` +
          `${variableOf(target.token)} may not read them (Vercel's reason: ${refusal.reason}). ` +
          'Make a token of a member who may read them, or set the variables in the project itself',
      ]
    : [];
  return { hosts: [{ host: nameOf(target), missing }], sourceErrors };
}
