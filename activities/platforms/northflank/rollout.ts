import type { NorthflankStep, Started } from '../../../domain/activities/northflank.ts';
import { failures } from '../../../domain/failures.ts';
import type { HostState } from '../../../domain/plan.ts';
import { platformBounds } from '../../../domain/policy/platform-bounds.ts';
import { final, transient } from '../../lib/fail.ts';
import type { Reach } from './connect.ts';
import { shipsByItself } from './guards.ts';
import { problems, stateOf, waysBack } from './problems.ts';
import { proveLive } from './prove.ts';
import type { DeploymentFact } from './service.ts';
import { nameOf, see } from './sight.ts';
import { readStartUp } from './start-up-log.ts';

/** A rollout and its health may take this long; in a sandbox never less than a service needs to start. */
const forwardMs = platformBounds.northflank.rolloutMs;
const backMs = 8 * 60_000;
const patience = ({ timing }: NorthflankStep, ms: number) =>
  Math.max(ms / timing.scale, timing.startUpMs);

export type Rolling = { reach: Reach; step: NorthflankStep };
type To = Rolling & { buildId: string };
type Verifying = To & { others: string[] };

/** The service whose builds it deploys, and what it deploys. Final: it deploys no builds. */
export async function deploymentOf({ reach, step: { target } }: Rolling): Promise<DeploymentFact> {
  const deployment = await reach.service.deployment();
  if (deployment) return deployment;
  throw final(
    failures.misconfigured,
    `${nameOf(target)} deploys an image from elsewhere, and no build of a commit.\n` +
      'Let it deploy builds of this repository at Northflank, then deploy again.',
  );
}

/** Final: somebody deployed something else since the plan, or Northflank ships by itself. */
export async function mustBeUnmoved({ reach, step }: Rolling, buildId?: string): Promise<void> {
  const { target, live } = step;
  const deployment = await deploymentOf({ reach, step });
  const service = await reach.service.service();
  const [open] = shipsByItself({ target, service, deployment });
  if (open) throw final(failures.rejectedByPlatform, `${open}\nNothing was touched.`);
  const { buildId: now } = deployment;
  if (live === null || now === live || now === buildId) return;
  throw final(
    failures.rejectedByPlatform,
    `Somebody deployed build ${now ?? 'unknown'} to ${nameOf(target)} since this was planned (then: ${live}).\n` +
      'Nothing was touched. See who and why at Northflank, then deploy again.',
  );
}

/** The newest are enough: what is older neither runs nor speaks any more. */
const mostContainers = 200;

/** Names of the containers that are there now, or were a moment ago. */
export async function containersOf({ reach }: Rolling): Promise<string[]> {
  const all = await reach.service.containers();
  const newestFirst = all.toSorted((one, other) => other.createdAt - one.createdAt);
  return newestFirst.slice(0, mostContainers).map(({ name }) => name);
}

/** Pins the build, and reads back that it is what is to run. */
export async function deploy({ reach, step, buildId }: To) {
  const { buildId: now, buildSha, from } = await deploymentOf({ reach, step });
  if (now === buildId && buildSha !== 'latest') return { deployed: 'already' as const };
  await pin({ reach, step, buildId }, from);
  return { deployed: 'done' as const };
}

/** An order that was taken is proven by reading it back. */
async function pin({ reach, step, buildId }: To, from: string): Promise<void> {
  await reach.service.pin({ from, buildId });
  const after = await deploymentOf({ reach, step });
  if (after.buildId !== buildId)
    throw transient(`Northflank took the order to deploy build ${buildId} and did not follow it.`);
}

export async function verify({ reach, step, buildId, others }: Verifying): Promise<Started> {
  const { target, release } = step;
  const { from } = await deploymentOf({ reach, step });
  const wanted = { buildId, sha: release.sha, strict: true, others };
  const patienceMs = patience(step, forwardMs);
  const sight = await proveLive({ reach, target, wanted, from, patienceMs });
  const log = await readStartUp(reach, sight, { target, wanted });
  if (log.fatal.length > 0) throw fatalStart(step, buildId, log.fatal);
  return { state: stateOf(target, sight, {}), errors: log.errors };
}

const fatalStart = ({ target, release }: NorthflankStep, buildId: string, lines: string[]) =>
  final(
    failures.unhealthyRelease,
    [
      `${nameOf(target)}: release ${release.sha.slice(0, 7)} (build ${buildId}) answers, but its start-up log ends a process:`,
      ...lines,
      `See more: "Logs" of ${target.project}/${target.service} at Northflank`,
    ].join('\n'),
  );

/**
 * Looks first: live and healthy means nothing is done, a rollout of it under way is waited for. Pinned anew where it
 * failed, or where it ended and is not healthy.
 */
export async function restore({ reach, step }: Rolling): Promise<HostState> {
  const { target, release } = step;
  const sight = await see(reach, target);
  const { from } = await deploymentOf({ reach, step });
  const buildId = release.platformId ?? (await newestOf(reach, from, step));
  const wanted = { buildId, sha: release.sha, strict: false };
  const { deployment, service } = sight;
  const there = deployment?.buildId === buildId && deployment.buildSha !== 'latest';
  const status = service.rollout?.status;
  const under = there && (status === 'PENDING' || status === 'IN_PROGRESS');
  if (!under && !(there && problems(sight, wanted).length === 0))
    await pin({ reach, step, buildId }, from);
  const patienceMs = patience(step, backMs);
  return stateOf(target, await proveLive({ reach, target, wanted, from, patienceMs }), {});
}

async function newestOf(reach: Reach, from: string, { target, release }: NorthflankStep) {
  const { builds } = await reach.builder(from).builds();
  const id = waysBack(builds)[release.sha];
  if (id !== undefined) return id;
  throw final(
    failures.rejectedByPlatform,
    `${nameOf(target)} has no successful build of ${release.sha.slice(0, 7)} any more.\n` +
      'Build that commit at Northflank, then send retry.',
  );
}
