import { createAsk } from './ask.ts';
import type { VercelDeps } from './ask.ts';
import { createAliasCalls } from './aliases.ts';
import { readBuildLog } from './build-log.ts';
import { createDeploymentCalls } from './deployments.ts';
import { createProjectCalls } from './projects.ts';
import { createSignals } from './signals.ts';

export type Vercel = ReturnType<typeof createVercel>;

/**
 * Vercel's REST API: one request a function, nothing tried again. Throws transient (also for reads
 * without an answer), unknown (an effect without one), final misconfigured (token, team, project)
 * or rejected. No error and no result holds the token, a variable's value or a bypass secret.
 */
export function createVercel(deps: VercelDeps) {
  const ask = createAsk(deps);
  return {
    ...createProjectCalls(ask),
    ...createDeploymentCalls(ask),
    ...createAliasCalls(ask),
    ...createSignals(ask),
    /** The last lines of a failed build that tell why, at most 20, safe to show. */
    failingLines: (where: { project: string; id: string }) => readBuildLog(ask, where),
  };
}
