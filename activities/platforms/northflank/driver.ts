import type { HostState, Release } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import type { Elsewhere } from '../../git/elsewhere.ts';
import { byPlatform } from '../driver.ts';
import type { Driver } from '../driver.ts';
import { withoutLfs, withoutSubmodules } from '../left-out.ts';
import { measureBaseline } from './baseline.ts';
import type { Connect } from './connect.ts';
import { guardProblems, readGuarded } from './guards.ts';
import { lastLines } from './last-lines.ts';
import { createErrorLogSource } from './error-log-source.ts';
import { stateOf, rollbackBuilds } from './problems.ts';
import { nameOf, orGone, see } from './snapshot.ts';

/** Reads all facts from Northflank's API. Requests the health path of the service. */
export const createNorthflankDriver = (connect: Connect): Driver<NorthflankTarget> => ({
  inspect: (target) => withHeartbeat(() => inspect(connect, target)),
  processes: byPlatform,
  rollbackReady: async (target, rollbackTarget) => [
    await rollbackReady(connect, target, rollbackTarget),
  ],
  guards: async ({ target, branch, github }) =>
    guardProblems(await readGuarded(connect(target), { target, branch, github })),
  leavesOut: (target, elsewhere) => leavesOut(connect, target, elsewhere),
  async variables(target) {
    const missing = await missingVariables(connect, target);
    return { hosts: [{ host: nameOf(target), missing }], sourceErrors: [] };
  },
  oldAddress: async () => null,
  measureBaseline: (asked) => measureBaseline(connect, asked),
  errorSource: (on) => createErrorLogSource({ connect, ...on }),
  lastLines: (plan) => lastLines(connect, plan),
});

/**
 * Returns a problem for submodules, because Northflank's documentation does not mention submodules.
 * Also returns a problem for Git LFS files if Git LFS is off. The service that makes the builds has
 * the setting for Git LFS.
 */
async function leavesOut(connect: Connect, target: NorthflankTarget, elsewhere: Elsewhere) {
  const name = nameOf(target);
  const { submodules, lfs } = elsewhere;
  const without = withoutSubmodules(name, submodules, 'Northflank documents no submodules');
  if (lfs.length === 0) return without;
  const reach = connect(target);
  const from = (await reach.service.deployment())?.from ?? target.service;
  const builder = await reach.builder(from).service();
  if (builder.usesLfs) return without;
  const remedy = `Turn Git LFS on in the build options of ${target.project}/${from}, then deploy again.`;
  return [...without, ...withoutLfs(name, lfs, { why: 'Git LFS is off at Northflank', remedy })];
}

/**
 * Returns the required variables that the service does not have. The answer about the service
 * contains only its own variables. If a required variable is missing there, also makes the
 * deprecated call, because only this call returns inherited variables.
 */
async function missingVariables(connect: Connect, target: NorthflankTarget): Promise<string[]> {
  const { service } = connect(target);
  const { variables } = await service.service();
  const lacked = target.requiredVariables.filter((name) => !variables?.includes(name));
  if (lacked.length === 0) return [];
  const all = new Set((await service.variableNames()) ?? variables);
  return lacked.filter((name) => !all.has(name));
}

async function inspect(connect: Connect, target: NorthflankTarget): Promise<HostState[]> {
  const reach = connect(target, 'rollback');
  const snapshot = await see(reach, target);
  const from = snapshot.deployment?.from ?? target.service;
  const { builds } = await reach.builder(from).builds(1);
  return [stateOf(target, snapshot, rollbackBuilds(builds))];
}

/**
 * Checks whether Northflank still has a successful build of the rollback target. If the id of a
 * build was recorded, only this build counts. Another build of the same commit is another release.
 */
async function rollbackReady(
  connect: Connect,
  target: NorthflankTarget,
  { sha, platformId }: Release,
) {
  const { service, builder } = connect(target);
  const deployment = await service.deployment();
  const at = builder(deployment?.from ?? target.service);
  const gone =
    `${nameOf(target)}: Northflank has no successful build ` +
    `${platformId ?? 'of'} ${platformId ? `(${sha.slice(0, 7)})` : sha.slice(0, 7)}, so Plimsoll could not roll back to that commit. ` +
    'Build the commit and deploy that build at Northflank. Then start this deploy again.';
  if (platformId !== undefined) {
    const build = await orGone(at.build(platformId));
    return { host: nameOf(target), present: build?.success === true && build.sha === sha, gone };
  }
  const { builds, complete } = await at.builds();
  const present = rollbackBuilds(builds)[sha] !== undefined || (complete ? false : null);
  return { host: nameOf(target), present, gone };
}
