import type { PlanOn } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { orEvidence } from '../../lib/or-evidence.ts';
import type { Vercel } from './api/client.ts';
import { nameOf } from './place.ts';

/**
 * Returns the state of the commit's newest deployment, and the last lines of its build. Vercel does
 * not store a runtime log that Plimsoll can read later.
 */
export async function lastLines(
  vercel: Vercel,
  { target, sha }: PlanOn<VercelTarget>,
): Promise<string[]> {
  const { project } = target;
  return await orEvidence(`${nameOf(target)}: the build log`, async () => {
    const { id: projectId } = await vercel.project(project);
    const [newest] = await vercel.deployments({ project, projectId, sha, newest: true });
    if (!newest) return [`${nameOf(target)}: Vercel has no deployment of the commit`];
    const { id, state, problem } = newest;
    const lines = await vercel.failingLines({ project, id });
    return [`${nameOf(target)}: ${id} is ${state}${problem ? `: ${problem}` : ''}`, ...lines];
  });
}
