import type { At } from '../move.ts';
import { domainOf } from '../place.ts';
import type { Project } from './shapes/project.ts';

/**
 * Points the production domains to the deployment, including the domains that a failed promotion or
 * rollback did not move.
 */
export async function pointDomains({ vercel, target }: At, { id: projectId }: Project, id: string) {
  const { project } = target;
  const jobs = [
    await vercel.aliasMoves({ project, projectId, of: 'promote' }),
    await vercel.aliasMoves({ project, projectId, of: 'rollback' }),
  ];
  const moved = jobs.flat().map(({ alias }) => alias);
  for (const domain of new Set([domainOf(target), ...moved])) {
    const points = await vercel.pointsAt({ project, projectId, domain });
    if (points !== null && points !== id) await vercel.assignAlias({ project, id, domain });
  }
}
