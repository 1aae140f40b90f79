import { UserError } from '../../../domain/lib/user-error.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { check, unchecked } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { guards } from './guards.ts';
import { bypassOf, nameOf, variableOf, vercelOf } from './place.ts';
import { resolveVercel } from './target.ts';

type At = { target: VercelTarget; github: string | null };

/**
 * Checks each project: the token, the token's permissions, and everything that would close the
 * platform gate. Changes nothing.
 */
export const doctor = (
  places: readonly PlaceOn<'vercel'>[],
  deps: DoctorDeps,
): Promise<Finding>[] =>
  places.map(({ project, environment }) => {
    const target = resolveVercel({ project, environment });
    const { token, bypass } = target;
    const name = nameOf(target);
    const missing = [token, ...(bypass ? [bypass] : [])].find((ref) => !deps.isSet(ref));
    return missing
      ? Promise.resolve(unchecked(name, variableOf(missing)))
      : check(name, () => look({ target, github: project.github ?? null }, deps));
  });

async function look({ target, github }: At, { secret }: DoctorDeps): Promise<string> {
  const asking = { vercel: vercelOf(secret)(target), headers: bypassOf(secret)(target) };
  const against = await guards(asking, { target, github, rollbackTarget: null });
  if (against.length > 0) throw new UserError(against.join('\n'));
  const variable = variableOf(target.token);
  return `the token in ${variable} can read the project and may promote; no push goes live by itself`;
}
