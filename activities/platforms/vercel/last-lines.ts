import type { PlanOn, VercelTarget } from '../../../domain/plan.ts';
import { cancellation } from '../../git/pulse.ts';
import type { Vercel } from './client.ts';
import { nameOf } from './place.ts';

/** What the builds of the commit say of themselves; the runtime log has no past that could be read. */
export async function lastLines(
  vercel: Vercel,
  { target, sha }: PlanOn<VercelTarget>,
): Promise<string[]> {
  const { project } = target;
  try {
    const { id: projectId } = await vercel.project(project);
    const [newest] = await vercel.deployments({ project, projectId, sha, newest: true });
    if (!newest) return [`${nameOf(target)}: no deployment of the commit`];
    const { id, state, problem } = newest;
    const lines = await vercel.failingLines({ project, id });
    return [`${nameOf(target)}: ${id} is ${state}${problem ? `: ${problem}` : ''}`, ...lines];
  } catch (failure) {
    if (cancellation()?.aborted) throw failure;
    return [`${nameOf(target)}: its log could not be read: ${(failure as Error).message}`];
  }
}
