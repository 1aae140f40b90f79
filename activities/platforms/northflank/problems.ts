import type { HostState } from '../../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { outsideProblems } from '../../lib/health.ts';
import { shareOf } from './guards.ts';
import { nameOf } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import type { BuildFact } from './api/shapes.ts';

export type Wanted = {
  buildId: string;
  sha: string;
  strict: boolean;
  /**
   * The names of containers that run another build. If `others` is absent, only the age of a
   * container shows whether it runs the wanted build.
   */
  others?: readonly string[];
};

/** Northflank gives the times of containers in whole seconds. */
const secondMs = 1000;

/**
 * Returns the reasons why the `wanted` build is not live or not healthy. An unknown state counts as
 * a reason.
 */
export function problems(snapshot: Snapshot, wanted: Wanted): string[] {
  return [
    ...inside(snapshot, wanted),
    ...outsideProblems(snapshot.outside, wanted.sha, wanted.strict),
  ];
}

/**
 * Returns the problems in Northflank's own data. Service, deployment and build must name the wanted
 * commit, and the containers must run the wanted build.
 */
export function inside(snapshot: Snapshot, wanted: Wanted): string[] {
  const { service, deployment, build, containers, gradual } = snapshot;
  if (service.paused) return ['the service is paused, so nothing runs'];
  if (gradual && !gradual.promoted) return [`a gradual rollout is active: ${shareOf(gradual)}`];
  if (!deployment) return ['the service deploys an external image'];
  const id = deployment.buildId ?? build?.id;
  if (id !== wanted.buildId) return [`build ${id ?? 'unknown'} is deployed, not ${wanted.buildId}`];
  if (!build?.success) return [`it is unknown whether build ${wanted.buildId} succeeded`];
  const shas = [service.deployedSha, deployment.deployedSha, build.sha];
  const other = shas.find((sha) => sha !== undefined && sha !== wanted.sha);
  if (other !== undefined)
    return [`Northflank names ${other?.slice(0, 7) ?? 'no commit'} as deployed`];
  const status = service.rollout?.status ?? 'unknown';
  return [
    ...(status === 'COMPLETED' ? [] : [`the rollout is ${status}`]),
    ...running(containers, { build, wanted, least: service.instances ?? 1 }),
  ];
}

type Running = { build: BuildFact; wanted: Wanted; least: number };

/**
 * Returns the problems of the containers. A container that existed before the deploy, or that is
 * older than the build, does not run the wanted build.
 */
function running(containers: Snapshot['containers'], { build, wanted, least }: Running): string[] {
  const live = containers.filter(({ status }) => status === 'TASK_RUNNING');
  const ours = live.filter((one) => isOurs(one, build, wanted.others));
  const rest = live.length - ours.length;
  const enough = Math.max(1, least);
  return [
    ...(rest > 0 ? [`${rest} of ${live.length} running containers run another build`] : []),
    ...(ours.length < enough ? [`${ours.length} of ${enough} containers run this build`] : []),
  ];
}

type Container = Snapshot['containers'][number];

export const isOurs = (
  { name, createdAt }: Container,
  build: BuildFact,
  others?: readonly string[],
) => !others?.includes(name) && build.createdAt !== null && createdAt + secondMs > build.createdAt;

/**
 * Returns the state of the service. `ids` contains the builds for a rollback, by commit.
 */
export function stateOf(
  target: NorthflankTarget,
  snapshot: Snapshot,
  ids: Record<string, string>,
): HostState {
  const { service, deployment, build, containers } = snapshot;
  const sha = deployment?.deployedSha ?? build?.sha ?? null;
  const id = deployment?.buildId ?? build?.id ?? null;
  const wanted = { buildId: id ?? '', sha: sha ?? '', strict: false };
  const known = sha !== null && id !== null;
  const all = known ? { ...ids, [sha]: id } : ids;
  return {
    host: nameOf(target),
    sha,
    runningSha: known && inside(snapshot, wanted).length === 0 ? sha : null,
    invocationId: null,
    active: !service.paused && containers.some(({ status }) => status === 'TASK_RUNNING'),
    healthy: known && problems(snapshot, wanted).length === 0,
    ready: Object.keys(all),
    ids: all,
    ...(id === null ? {} : { id }),
    ...foreign(deployment, { sha, id }),
  };
}

function foreign(
  deployment: Snapshot['deployment'],
  live: { sha: string | null; id: string | null },
) {
  if (deployment === null) return { foreign: { path: 'an external image', sha: null } };
  return live.sha === null && live.id !== null ? { foreign: { path: live.id, sha: null } } : {};
}

/** Returns the id of the newest successful build of each commit. `builds` must be newest first. */
export function rollbackBuilds(builds: readonly BuildFact[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { id, sha, success } of builds) if (success && sha !== null) found[sha] ??= id;
  return found;
}
