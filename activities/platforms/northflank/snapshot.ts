import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../../domain/deploy/failures.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import { final } from '../../lib/fail.ts';
import { readOutside } from '../../lib/health.ts';
import type { Outside } from '../../lib/health.ts';
import type { Reach } from './connect.ts';
import type { DeploymentFact, ServiceFact } from './api/service.ts';
import type { BuildFact, ContainerFact, GradualRolloutFact } from './api/shapes.ts';

/**
 * A snapshot of a service: the state that Northflank reports, and the answers of the service to
 * requests from outside.
 */
export type Snapshot = {
  service: ServiceFact;
  /** The deployment of the service. null means that the service deploys an external image. */
  deployment: DeploymentFact | null;
  /**
   * The deployed build. null means that no build is deployed, or that Northflank no longer has the
   * build.
   */
  build: BuildFact | null;
  containers: ContainerFact[];
  /** The active gradual rollout. null means that there is none. */
  gradual: GradualRolloutFact | null;
  outside: Outside;
};

/**
 * Reads the snapshot. If `known` is the deployed build, this function does not read the build
 * again. Throws a final failure of type 'misconfigured' if the service only builds.
 */
export async function see(
  reach: Reach,
  target: NorthflankTarget,
  known?: BuildFact,
): Promise<Snapshot> {
  const [service, outside] = await Promise.all([reach.service.service(), readOutside(target)]);
  if (service.kind === 'build') throw onlyBuilds(target);
  const [deployment, containers, gradual] = await Promise.all([
    reach.service.deployment(),
    reach.service.containers(),
    reach.service.gradualRollout(),
  ]);
  const build = await deployedBuild(reach, deployment, known);
  return { service, deployment, build, containers, gradual, outside };
}

async function deployedBuild(reach: Reach, deployment: DeploymentFact | null, known?: BuildFact) {
  if (!deployment) return null;
  const { from, buildId, deployedSha } = deployment;
  if (known && known.id === buildId) return known;
  if (buildId !== null) return await orGone(reach.builder(from).build(buildId));
  if (typeof deployedSha !== 'string') return null;
  const { builds } = await reach.builder(from).builds(1);
  return builds.find(({ sha, success }) => sha === deployedSha && success) ?? null;
}

/** Waits for a read of a build. Returns null if Northflank no longer has the build. */
export async function orGone(reading: Promise<BuildFact>): Promise<BuildFact | null> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof ApplicationFailure && cause.type === failures.rejectedByPlatform)
      return null;
    throw cause;
  }
}

export const nameOf = ({ service }: Pick<NorthflankTarget, 'service'>) => `northflank ${service}`;

const onlyBuilds = (target: NorthflankTarget) =>
  final(
    failures.misconfigured,
    `${nameOf(target)} is a build service: it runs nothing, so nothing can be deployed to it.\n` +
      'Set "service" in plimsoll.yaml to the combined or deployment service that runs the build.',
  );
