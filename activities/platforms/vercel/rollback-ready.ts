import type { Release } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { Driver } from '../driver.ts';
import type { Vercel } from './api/client.ts';
import { candidatesOf } from './snapshot.ts';
import { nameOf, short } from './place.ts';

type RollbackReadiness = Awaited<ReturnType<Driver<VercelTarget>['rollbackReady']>>;

/**
 * Checks whether Vercel can roll back to the recorded deployment. The deployment must be built from
 * the commit. It must also be live now, or Vercel must offer a rollback to it.
 */
export async function rollbackReadyAt(
  vercel: Vercel,
  target: VercelTarget,
  rollbackTarget: Release,
): Promise<RollbackReadiness> {
  const host = nameOf(target);
  const { sha, platformId: id } = rollbackTarget;
  const gone = (why: string): RollbackReadiness => [
    { host, present: false, gone: `${host}: ${why}` },
  ];
  if (id === undefined)
    return gone(
      `Vercel has no deployment of ${short(sha)} to roll back to. Choose another rollback target.`,
    );
  const project = await vercel.project(target.project);
  const deployment = await vercel.deployment({ project: target.project, id });
  if (deployment?.state !== 'READY')
    return gone(
      `${id} of ${short(sha)} is not ready or does not exist any more. Choose another rollback target: --rollback-target live.`,
    );
  const live = project.live?.id === id;
  const other = deployment.built === null ? !live : deployment.built !== sha;
  if (other)
    return gone(
      `${id} was not built from ${short(sha)}. Choose another rollback target: --rollback-target live.`,
    );
  if (live) return [{ host, present: true }];
  const candidates = await candidatesOf(vercel, target, project);
  if (candidates.some((candidate) => candidate.id === id)) return [{ host, present: true }];
  return gone(
    `Vercel offers no rollback to ${id} of ${short(sha)}. Choose another rollback target: --rollback-target live.`,
  );
}
