import type { HostState, NorthflankTarget } from '../../../domain/plan.ts';
import { outsideProblems } from '../outside.ts';
import { nameOf } from './sight.ts';
import type { Sight } from './sight.ts';
import type { BuildFact } from './shapes.ts';

export type Wanted = {
  buildId: string;
  sha: string;
  strict: boolean;
  /** Names of containers that run something else; absent = told by their age. */
  others?: readonly string[];
};

/** Container times are in whole seconds. */
const secondMs = 1000;

/** Everything that keeps `wanted` from being what is served; empty = it is. Unknown is never healthy. */
export function problems(sight: Sight, wanted: Wanted): string[] {
  return [...inside(sight, wanted), ...outsideProblems(sight.outside, wanted.sha, wanted.strict)];
}

/** The two places in which Northflank tells what is deployed, and what runs, must agree. */
function inside({ service, deployment, build, containers }: Sight, wanted: Wanted): string[] {
  if (service.paused) return ['it is paused: nothing runs'];
  if (!deployment) return ['it deploys an image from elsewhere'];
  const id = deployment.buildId ?? build?.id;
  if (id !== wanted.buildId) return [`build ${id ?? 'unknown'} is deployed, not ${wanted.buildId}`];
  if (!build?.success) return [`whether build ${wanted.buildId} succeeded is unknown`];
  const shas = [service.deployedSha, deployment.deployedSha, build.sha];
  const other = shas.find((sha) => sha !== wanted.sha);
  if (other !== undefined)
    return [`Northflank names ${other?.slice(0, 7) ?? 'no commit'} as deployed`];
  const status = service.rollout?.status ?? 'unknown';
  return [
    ...(status === 'COMPLETED' ? [] : [`its rollout is ${status}`]),
    ...running(containers, { build, wanted, least: service.instances ?? 1 }),
  ];
}

type Running = { build: BuildFact; wanted: Wanted; least: number };

/** Containers that were there before, or are older than the build, do not run it. */
function running(containers: Sight['containers'], { build, wanted, least }: Running): string[] {
  const live = containers.filter(({ status }) => status === 'TASK_RUNNING');
  const ours = live.filter((one) => isOurs(one, build, wanted.others));
  const rest = live.length - ours.length;
  const enough = Math.max(1, least);
  return [
    ...(rest > 0 ? [`${rest} of ${live.length} running containers run something else`] : []),
    ...(ours.length < enough ? [`${ours.length} of ${enough} containers run it`] : []),
  ];
}

type Container = Sight['containers'][number];

export const isOurs = (
  { name, createdAt }: Container,
  build: BuildFact,
  others?: readonly string[],
) => !others?.includes(name) && build.createdAt !== null && createdAt + secondMs > build.createdAt;

/** `ids`: the builds that it could go back to, by commit. */
export function stateOf(
  target: NorthflankTarget,
  sight: Sight,
  ids: Record<string, string>,
): HostState {
  const { service, deployment, build, containers } = sight;
  const sha = deployment?.deployedSha ?? build?.sha ?? null;
  const id = deployment?.buildId ?? build?.id ?? null;
  const wanted = { buildId: id ?? '', sha: sha ?? '', strict: false };
  const known = sha !== null && id !== null;
  const all = known ? { ...ids, [sha]: id } : ids;
  return {
    host: nameOf(target),
    sha,
    runningSha: known && inside(sight, wanted).length === 0 ? sha : null,
    invocationId: null,
    active: !service.paused && containers.some(({ status }) => status === 'TASK_RUNNING'),
    healthy: known && problems(sight, wanted).length === 0,
    ready: Object.keys(all),
    ids: all,
    ...(id === null ? {} : { id }),
    ...foreign(deployment, { sha, id }),
  };
}

function foreign(deployment: Sight['deployment'], live: { sha: string | null; id: string | null }) {
  if (deployment === null) return { foreign: { path: 'an image from elsewhere', sha: null } };
  return live.sha === null && live.id !== null ? { foreign: { path: live.id, sha: null } } : {};
}

/** The newest successful build of each commit; `builds` newest first. */
export function waysBack(builds: readonly BuildFact[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { id, sha, success } of builds) if (success && sha !== null) found[sha] ??= id;
  return found;
}
