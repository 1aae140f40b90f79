import { ApplicationFailure } from '@temporalio/common';
import { failures } from '../../../domain/failures.ts';
import type { NorthflankTarget } from '../../../domain/plan.ts';
import { final } from '../../lib/fail.ts';
import { lookOutside } from '../outside.ts';
import type { Outside } from '../outside.ts';
import type { Reach } from './connect.ts';
import type { DeploymentFact, ServiceFact } from './service.ts';
import type { BuildFact, ContainerFact } from './shapes.ts';

/** Everything that tells what a service serves, read side by side. */
export type Sight = {
  service: ServiceFact;
  /** null = an image from elsewhere. */
  deployment: DeploymentFact | null;
  /** The build that is deployed; null = none, or Northflank has it no more. */
  build: BuildFact | null;
  containers: ContainerFact[];
  outside: Outside;
};

/** Final misconfigured: it never runs anything. `known`: a build that was read before. */
export async function see(
  reach: Reach,
  target: NorthflankTarget,
  known?: BuildFact,
): Promise<Sight> {
  const [service, outside] = await Promise.all([reach.service.service(), lookOutside(target)]);
  if (service.kind === 'build') throw onlyBuilds(target);
  const [deployment, containers] = await Promise.all([
    reach.service.deployment(),
    reach.service.containers(),
  ]);
  const build = await deployedBuild(reach, deployment, known);
  return { service, deployment, build, containers, outside };
}

async function deployedBuild(reach: Reach, deployment: DeploymentFact | null, known?: BuildFact) {
  if (!deployment) return null;
  const { from, buildId, deployedSha } = deployment;
  if (known && known.id === buildId) return known;
  if (buildId !== null) return await orGone(reach.builder(from).build(buildId));
  if (deployedSha === null) return null;
  const { builds } = await reach.builder(from).builds(1);
  return builds.find(({ sha, success }) => sha === deployedSha && success) ?? null;
}

/** A build that Northflank has no more is null. */
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
    `${nameOf(target)} is a build service: it builds and never runs anything, so nothing can be deployed to it.\n` +
      'Name the combined or deployment service that runs the build as "service" in plimsoll.yaml.',
  );
