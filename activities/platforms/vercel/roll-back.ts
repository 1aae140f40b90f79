import type { Activities } from '../../../domain/contract/activities.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { HostState, Release } from '../../../domain/deploy/plan.ts';
import { final } from '../../lib/fail.ts';
import { autoAssignOff } from './auto-assign.ts';
import { pointDomains } from './api/domains.ts';
import { candidatesOf } from './snapshot.ts';
import { moveTo } from './move.ts';
import type { At } from './move.ts';
import { nameOf, short } from './place.ts';
import { proveRollback } from './prove.ts';

type Step = Parameters<Activities['rollBackProduction']>[0];

/**
 * Makes the recorded deployment production and proves the result. Uses an instant rollback. If the
 * Vercel plan has no instant rollback, uses a promotion. Both work without a new build.
 */
export async function rollBack(at: At, step: Step): Promise<HostState> {
  const { release, timing, deploy } = step;
  const id = release.platformId ?? (await idOf(at, release));
  const where = { project: at.target.project, id };
  const note = `Plimsoll ${deploy.deployId} rolls back`;
  const moved = await moveTo(at, id, 'rollback', ({ id: projectId }) =>
    at.vercel.rollback({ ...where, projectId, note }),
  );
  if (moved === 'not-on-plan')
    await moveTo(at, id, 'promote', ({ id: projectId }) =>
      at.vercel.promote({ ...where, projectId }),
    );
  await autoAssignOff(at);
  if (moved !== 'done') await pointDomains(at, await at.vercel.project(at.target.project), id);
  return await proveRollback(at, { id, sha: release.sha }, timing.startUpMs);
}

/**
 * Returns the id of a deployment of the commit. This is needed if a release was recorded without an
 * id.
 */
async function idOf(at: At, { sha }: Release): Promise<string> {
  const project = await at.vercel.project(at.target.project);
  const live =
    project.live && (await at.vercel.deployment({ project: project.name, ...project.live }));
  if (live?.built === sha) return live.id;
  const found = (await candidatesOf(at.vercel, at.target, project)).find(
    ({ commit }) => commit === sha,
  );
  if (found) return found.id;
  throw final(
    failures.rejectedByPlatform,
    `${nameOf(at.target)}: Vercel has no deployment of ${short(sha)} to roll back to.\n` +
      "Promote a good deployment by hand in Vercel's dashboard: Deployments → Instant Rollback.",
  );
}
