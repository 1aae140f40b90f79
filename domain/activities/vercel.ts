import type { DeployRef } from '../activities.ts';
import type { HostState, Release, Timing, VercelTarget } from '../plan.ts';
import type { SmokePaths } from '../schema.ts';

/** One step of a release at Vercel. */
export type VercelStep = { deploy: DeployRef; target: VercelTarget };
/** `id`: the deployment (dpl_…) that this deploy brings. */
export type VercelBuild = VercelStep & { id: string };

/** All look before they act. Final: misconfigured, rejectedByPlatform. */
export interface VercelActivities {
  /**
   * Waits for a promote or rollback of others. Final: since the plan something else went live than `expected`
   * (null = nothing was) or `id`, or the project took to assigning its domains by itself.
   */
  checkProduction(step: VercelStep & { expected: string | null; id?: string }): Promise<void>;
  /**
   * The newest production build of the commit, whatever its age; for `again` (the commit is live, its settings
   * changed) one that is started with our key. `pushed`: one must come by itself. `plannedAt` is ISO time.
   */
  pickDeployment(
    step: VercelStep & { again: boolean; pushed: boolean; plannedAt: string },
  ): Promise<{ id: string }>;
  /** Until it is ready and was built from the commit. Final unhealthyRelease: it failed, with the lines that tell why. */
  awaitDeployment(build: VercelBuild): Promise<void>;
  /** Health, version and critical paths at its own address. Final unhealthyRelease; misconfigured at a login page. */
  smokeDeployment(
    build: VercelBuild & { smoke: SmokePaths; timing: Timing },
  ): Promise<{ asked: number }>;
  promoteDeployment(build: VercelBuild): Promise<{ promoted: 'done' | 'already' }>;
  /** A promote turns the assignment of domains on again; the next push would go live unseen. */
  turnAutoAssignOff(step: VercelStep): Promise<{ turned: 'done' | 'already' }>;
  /** Production, the domain and the served version are this deployment. Final: unhealthyRelease. */
  proveProduction(build: VercelBuild & { timing: Timing }): Promise<void>;
  /** Absolute: make `release` live, whatever is there; nothing but Vercel is asked. Proven by probing. */
  rollBackProduction(step: VercelStep & { release: Release; timing: Timing }): Promise<HostState>;
}
