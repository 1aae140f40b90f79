import type { HostState, NorthflankTarget, Release } from '../../../domain/plan.ts';
import { pulse } from '../../git/pulse.ts';
import type { Driver } from '../driver.ts';
import { measureBaseline } from './baseline.ts';
import type { Connect } from './connect.ts';
import { guardProblems, readGuarded } from './guards.ts';
import { lastLines } from './last-lines.ts';
import { createLogEyes } from './log-eye.ts';
import { stateOf, waysBack } from './problems.ts';
import { nameOf, orGone, see } from './sight.ts';

/** Everything is asked over Northflank's API, and health of the service itself. */
export const createNorthflankDriver = (connect: Connect): Driver<NorthflankTarget> => ({
  inspect: (target) => pulse(() => inspect(connect, target)),
  wayBack: async (target, restoreTo) => [await wayBack(connect, target, restoreTo)],
  guards: async ({ target, branch, github }) =>
    guardProblems(await readGuarded(connect(target), { target, branch, github })),
  async variables(target) {
    const names = new Set(await connect(target).service.variableNames());
    const missing = target.requiredVariables.filter((name) => !names.has(name));
    return { hosts: [{ host: nameOf(target), missing }], sourceErrors: [] };
  },
  oldAddress: async () => null,
  measureBaseline: (asked) => measureBaseline(connect, asked),
  eyes: (on) => createLogEyes({ connect, ...on }),
  lastLines: (plan) => lastLines(connect, plan),
});

async function inspect(connect: Connect, target: NorthflankTarget): Promise<HostState[]> {
  const reach = connect(target, 'restore');
  const sight = await see(reach, target);
  const from = sight.deployment?.from ?? target.service;
  const { builds } = await reach.builder(from).builds(1);
  return [stateOf(target, sight, waysBack(builds))];
}

/** The recorded build itself, where one was recorded: another build of the commit is another release. */
async function wayBack(connect: Connect, target: NorthflankTarget, { sha, platformId }: Release) {
  const { service, builder } = connect(target);
  const deployment = await service.deployment();
  const at = builder(deployment?.from ?? target.service);
  const gone =
    `${nameOf(target)}: the way back is gone, Northflank has no successful build ` +
    `${platformId ?? 'of'} ${platformId ? `(${sha.slice(0, 7)})` : sha.slice(0, 7)}. ` +
    'Build that commit at Northflank and deploy that build, then deploy again.';
  if (platformId !== undefined) {
    const build = await orGone(at.build(platformId));
    return { host: nameOf(target), present: build?.success === true && build.sha === sha, gone };
  }
  const { builds, complete } = await at.builds();
  const present = waysBack(builds)[sha] !== undefined || (complete ? false : null);
  return { host: nameOf(target), present, gone };
}
