import type { NorthflankStep, Started } from '../../../domain/platforms/northflank/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { HostState } from '../../../domain/deploy/plan.ts';
import { bounds } from '../../../domain/platforms/northflank/bounds.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Reach } from './connect.ts';
import { reachesAShare, readAsTheProof, shipsByItself } from './guards.ts';
import { problems, stateOf, rollbackBuilds } from './problems.ts';
import { proveLive } from './prove.ts';
import type { DeploymentFact, ServiceFact } from './api/service.ts';
import { nameOf, see } from './snapshot.ts';
import { readStartUp } from './start-up-log.ts';

/**
 * The time limits of a rollout, until it is complete and healthy. `forwardMs` is for a new release,
 * and `backMs` is for a rollback. A sandbox shortens both limits, but never below `startUpMs`.
 */
const forwardMs = bounds.rolloutMs;
const backMs = 8 * 60_000;
const timeLimit = ({ timing }: NorthflankStep, ms: number) =>
  Math.max(ms / timing.scale, timing.startUpMs);

export type Rolling = { reach: Reach; step: NorthflankStep };
type To = Rolling & { buildId: string };
type Verifying = To & { others: string[] };

/**
 * Returns the deployment of the service. Throws a final failure of type 'misconfigured' if the
 * service deploys an external image.
 */
export async function deploymentOf({ reach, step: { target } }: Rolling): Promise<DeploymentFact> {
  const deployment = await reach.service.deployment();
  if (deployment) return deployment;
  throw final(
    failures.misconfigured,
    `${nameOf(target)} deploys an external image, not a build of a commit.\n` +
      'Let it deploy builds of this repository at Northflank, then deploy again.',
  );
}

/**
 * Throws a final failure of type 'rejectedByPlatform' in three cases: another build was deployed
 * after the plan, Northflank deploys new builds automatically, or a deploy would get only a share
 * of the traffic. Throws a final failure of type 'misconfigured' if the token lacks a permission
 * that the proof needs.
 */
export async function mustBeUnmoved({ reach, step }: Rolling, buildId?: string): Promise<void> {
  const { target, live } = step;
  const deployment = await deploymentOf({ reach, step });
  const service = await reach.service.service();
  const gradual = await reach.service.gradualRollout();
  await readAsTheProof(reach);
  const [open] = [
    ...shipsByItself({ target, service, deployment }),
    ...reachesAShare({ target, service, gradual }),
  ];
  if (open) throw final(failures.rejectedByPlatform, `${open}\nNothing was touched.`);
  const { buildId: now } = deployment;
  if (live === null || now === live || now === buildId) return;
  throw final(
    failures.rejectedByPlatform,
    `Somebody deployed build ${now ?? 'unknown'} to ${nameOf(target)} since this deploy was planned (before: ${live}).\n` +
      'Nothing was touched. Find out at Northflank who did this and why, then deploy again.',
  );
}

/** The largest number of containers to return. Older containers do not run or log any more. */
const mostContainers = 200;

/** Returns the names of the newest containers. They run now or have just ended. */
export async function containersOf({ reach }: Rolling): Promise<string[]> {
  const all = await reach.service.containers();
  const newestFirst = all.toSorted((one, other) => other.createdAt - one.createdAt);
  return newestFirst.slice(0, mostContainers).map(({ name }) => name);
}

/**
 * Pins the build and then checks the deployment. 'already' means that the build was pinned before
 * this call.
 */
export async function deploy({ reach, step, buildId }: To) {
  const { buildId: now, buildSha, from } = await deploymentOf({ reach, step });
  if (now === buildId && buildSha !== 'latest') return { deployed: 'already' as const };
  await pin({ reach, step, buildId }, { from, service: await reach.service.service() });
  return { deployed: 'done' as const };
}

/**
 * Tells Northflank to pin the build, and then reads the deployment. Throws a transient failure if
 * another build is still deployed.
 */
async function pin(
  { reach, step, buildId }: To,
  { from, service }: { from: string; service: ServiceFact },
): Promise<void> {
  await reach.service.pin({ from, buildId, service });
  const after = await deploymentOf({ reach, step });
  if (after.buildId !== buildId)
    throw transient(
      `Northflank accepted the order to deploy build ${buildId}, but still deploys another build.`,
    );
}

export async function verify({ reach, step, buildId, others }: Verifying): Promise<Started> {
  const { target, release } = step;
  const { from } = await deploymentOf({ reach, step });
  const wanted = { buildId, sha: release.sha, strict: true, others };
  const timeLimitMs = timeLimit(step, forwardMs);
  const snapshot = await proveLive({ reach, target, wanted, from, timeLimitMs });
  const log = await readStartUp(reach, snapshot, { target, wanted });
  if (log.fatal.length > 0) throw fatalStart(step, buildId, log.fatal);
  return { state: stateOf(target, snapshot, {}), errors: log.errors };
}

const fatalStart = ({ target, release }: NorthflankStep, buildId: string, lines: string[]) =>
  final(
    failures.unhealthyRelease,
    [
      `${nameOf(target)}: release ${release.sha.slice(0, 7)} (build ${buildId}) answers, but its start-up log shows that a process ended:`,
      ...lines,
      `See more: "Logs" of ${target.project}/${target.service} at Northflank`,
    ].join('\n'),
  );

/**
 * Makes the release live and proves the result. Reads the state first. Pins nothing if the build is
 * pinned and healthy, or if its rollout is running. In every other state, pins the build, even if
 * it was pinned before.
 */
export async function rollBack({ reach, step }: Rolling): Promise<HostState> {
  const { target, release } = step;
  const snapshot = await see(reach, target);
  const { from } = await deploymentOf({ reach, step });
  const buildId = release.platformId ?? (await newestOf(reach, from, step));
  const wanted = { buildId, sha: release.sha, strict: false };
  const { deployment, service } = snapshot;
  const there = deployment?.buildId === buildId && deployment.buildSha !== 'latest';
  const status = service.rollout?.status;
  const under = there && (status === 'PENDING' || status === 'IN_PROGRESS');
  if (!under && !(there && problems(snapshot, wanted).length === 0))
    await pin({ reach, step, buildId }, { from, service });
  const timeLimitMs = timeLimit(step, backMs);
  return stateOf(target, await proveLive({ reach, target, wanted, from, timeLimitMs }), {});
}

async function newestOf(reach: Reach, from: string, { target, release }: NorthflankStep) {
  const { builds } = await reach.builder(from).builds();
  const id = rollbackBuilds(builds)[release.sha];
  if (id !== undefined) return id;
  throw final(
    failures.rejectedByPlatform,
    `${nameOf(target)} has no successful build of ${release.sha.slice(0, 7)} any more.\n` +
      'Build that commit at Northflank, then retry this step.',
  );
}
