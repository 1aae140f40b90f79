import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { Plan } from '../../../domain/deploy/plan.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import { check, unchecked } from '../../lib/finding.ts';
import type { Finding } from '../../lib/finding.ts';
import type { DoctorDeps, PlaceOn } from '../module.ts';
import { lackedPermission } from './api/failure.ts';
import {
  permissionName,
  permissions,
  readPermissions,
  writePermissions,
} from '../../../domain/platforms/northflank/permissions.ts';
import type {
  Permission,
  ReadPermission,
} from '../../../domain/platforms/northflank/permissions.ts';
import { createConnect } from './connect.ts';
import type { Reach } from './connect.ts';
import { guardProblems, readGuarded } from './guards.ts';
import { see } from './snapshot.ts';
import { resolveNorthflank } from './target.ts';

type Shipping = Pick<Plan, 'branch' | 'github'> & { target: NorthflankTarget };

/**
 * Checks every read permission of the token, and all problems that would close the platform gate.
 * Does this for each service. Changes nothing.
 */
export function doctor(
  places: readonly PlaceOn<'northflank'>[],
  { secret, isSet }: DoctorDeps,
): Promise<Finding>[] {
  const connect = createConnect({ secret, timeScale: 1 });
  return places.flatMap(({ project, environment }) => {
    const target = resolveNorthflank({ project, environment });
    const shipping = { target, branch: project.branch, github: project.github ?? null };
    const name = `northflank ${target.project}/${target.service}`;
    const variable = target.token.slice('env:'.length);
    if (!isSet(target.token)) return [Promise.resolve(unchecked(name, variable))];
    const allowed = check(`${name}: permissions`, () => tryAll(connect(target), target, variable));
    const ready = allowed.then(async ({ state }) =>
      state === 'ok'
        ? await check(name, () => examine(connect(target), shipping))
        : unchecked(name, `the permissions of ${variable}`),
    );
    return [allowed, ready];
  });
}

const minuteMs = 60_000;

/** One read for each permission. */
const reads: Record<ReadPermission, (reach: Reach) => Promise<unknown>> = {
  read: ({ service }) => service.service(),
  instances: ({ service }) => service.containers(),
  logs: ({ service }) => service.logs({ from: Date.now() - minuteMs, to: Date.now(), lines: 1 }),
  variables: ({ service }) => service.variableNames(),
};

/**
 * Tries every read permission that a deploy needs. If reads fail, throws an error with the messages
 * of all failed reads. There is one exception. If the read of the service fails, and the cause is
 * not a missing permission, throws only this failure. All other reads would fail in the same way.
 */
async function tryAll(reach: Reach, target: NorthflankTarget, variable: string): Promise<string> {
  const needed = readPermissions.filter(
    (one) => one !== 'variables' || target.requiredVariables.length > 0,
  );
  const refused: string[] = [];
  for (const permission of needed) {
    try {
      await reads[permission](reach);
    } catch (cause) {
      if (permission === 'read' && lackedPermission(cause) === null) throw cause;
      refused.push((cause as Error).message);
    }
  }
  if (refused.length > 0) throw new UserError(refused.join('\n'));
  const shown = await reach.service.shownPermissions();
  return [
    `the token in ${variable} has every read permission that a deploy needs: ${listed(needed)}`,
    ...toWrite(shown),
  ].join('; ');
}

/**
 * Returns a text about the permissions to make changes. Only a change could prove these
 * permissions. Northflank's newer API shows the permissions of the token, but its older API does
 * not.
 */
function toWrite(shown: readonly string[] | null): string[] {
  const update = permissions.update.id;
  if (shown?.includes(update))
    return [`Northflank shows that the token may build and deploy (${update})`];
  const hint = shown === null ? '' : ` (Northflank does not show ${update} for the token)`;
  return [`unknown until the first deploy: ${listed(writePermissions)}${hint}`];
}

const listed = (some: readonly Permission[]) => some.map(permissionName).join(', ');

async function examine(reach: Reach, shipping: Shipping): Promise<string> {
  await see(reach, shipping.target);
  const against = guardProblems(await readGuarded(reach, shipping));
  if (against.length > 0) throw new UserError(against.join('\n'));
  return 'CD is off, a build is pinned, port and probe are set, and no gradual rollout is attached';
}
