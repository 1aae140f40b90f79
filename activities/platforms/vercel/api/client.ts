import { createAsk } from './ask.ts';
import type { VercelDeps } from './ask.ts';
import { createAliasCalls } from './aliases.ts';
import { readBuildLog } from './build-log.ts';
import { createDeploymentCalls } from './deployments.ts';
import { createProjectCalls } from './projects.ts';
import { createSignals } from './signals.ts';

export type Vercel = ReturnType<typeof createVercel>;

/**
 * Makes the calls of Vercel's REST API, without retries. A read without an answer throws a
 * transient failure. A change without an answer throws a failure of type 'unknownOutcome'. A wrong
 * token, team or project throws a final failure of type 'misconfigured'. A refusal throws a final
 * failure of type 'rejectedByPlatform'. No failure and no result contains the token, a variable's
 * value or a bypass secret.
 */
export function createVercel(deps: VercelDeps) {
  const ask = createAsk(deps);
  return {
    ...createProjectCalls(ask),
    ...createDeploymentCalls(ask, deps.api),
    ...createAliasCalls(ask),
    ...createSignals(ask),
    /** Returns the last error lines of a failed build, at most 20 and without secrets. */
    failingLines: (where: { project: string; id: string }) => readBuildLog(ask, where),
  };
}
