import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import { check, unchecked } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { createConnect } from './connect.ts';
import { guardProblems, readGuarded } from './guards.ts';
import { see } from './snapshot.ts';
import { resolveNorthflank } from './target.ts';

type Shipping = Pick<Plan, 'branch' | 'github'> & { target: NorthflankTarget };

/**
 * Checks each service: the token, the kind of the service, and everything that would close the
 * platform gate. Changes nothing.
 */
export function doctor(
  places: readonly PlaceOn<'northflank'>[],
  { secret, isSet }: DoctorDeps,
): Promise<Finding>[] {
  const connect = createConnect({ secret, timeScale: 1 });
  return places.map(async ({ project, environment }) => {
    const target = resolveNorthflank({ project, environment });
    const shipping = { target, branch: project.branch, github: project.github ?? null };
    const name = `northflank ${target.project}/${target.service}`;
    const variable = target.token.slice('env:'.length);
    if (!isSet(target.token)) return unchecked(name, variable);
    return await check(name, () => look(connect, shipping, variable));
  });
}

async function look(
  connect: ReturnType<typeof createConnect>,
  shipping: Shipping,
  variable: string,
): Promise<string> {
  const reach = connect(shipping.target);
  await see(reach, shipping.target);
  const against = guardProblems(await readGuarded(reach, shipping));
  if (against.length > 0) throw new UserError(against.join('\n'));
  return (
    `the token in ${variable} can read the service; CD is off, a build is pinned, port and probe are set; ` +
    'only the first deploy shows whether the token may deploy'
  );
}
