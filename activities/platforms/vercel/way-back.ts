import type { Release, VercelTarget } from '../../../domain/plan.ts';
import type { Driver } from '../driver.ts';
import type { Vercel } from './client.ts';
import { candidatesOf } from './look.ts';
import { nameOf, short } from './place.ts';

type WayBack = Awaited<ReturnType<Driver<VercelTarget>['wayBack']>>;

/** Is the recorded deployment live now, or one that Vercel would roll back to, and built from that commit? */
export async function wayBackAt(
  vercel: Vercel,
  target: VercelTarget,
  restoreTo: Release,
): Promise<WayBack> {
  const host = nameOf(target);
  const { sha, platformId: id } = restoreTo;
  const gone = (why: string): WayBack => [{ host, present: false, gone: `${host}: ${why}` }];
  if (id === undefined)
    return gone(
      `Vercel has no deployment of ${short(sha)} to roll back to. Choose another way back.`,
    );
  const project = await vercel.project(target.project);
  const deployment = await vercel.deployment({ project: target.project, id });
  if (deployment?.state !== 'READY')
    return gone(
      `${id} of ${short(sha)} is not there any more. Choose another way back: --restore-to live.`,
    );
  const live = project.live?.id === id;
  const other = deployment.built === null ? !live : deployment.built !== sha;
  if (other)
    return gone(
      `${id} was not built from ${short(sha)}. Choose another way back: --restore-to live.`,
    );
  if (live) return [{ host, present: true }];
  const candidates = await candidatesOf(vercel, target, project);
  if (candidates.some((candidate) => candidate.id === id)) return [{ host, present: true }];
  return gone(
    `Vercel would not roll back to ${id} of ${short(sha)}. Choose another way back: --restore-to live.`,
  );
}
