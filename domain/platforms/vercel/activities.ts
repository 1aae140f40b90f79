import type { Effect } from '../../contract/effect.ts';
import type { HostState, Release, Timing } from '../../deploy/plan.ts';
import type { SmokePaths } from '../../deploy/watch-types.ts';
import type { DeployRef } from '../../deploy/place.ts';
import type { SealedId, Warrant } from '../../deploy/warrant.ts';
import type { VercelTarget } from './target.ts';

/** One step of a release at Vercel. */
export type VercelStep = {
  deploy: DeployRef;
  warrant?: Warrant | undefined;
  target: VercelTarget;
};
/** `id` is the id (dpl_…) of the Vercel deployment that this deploy releases. */
export type VercelBuild = VercelStep & SealedId;

/**
 * Every activity reads the current state before it acts. Every activity can throw a final failure
 * of type 'misconfigured' or 'rejectedByPlatform'.
 */
export interface VercelActivities {
  /**
   * If another person promotes a deployment or rolls back, waits until this has ended. Throws a
   * final failure of type 'rejectedByPlatform' if the live deployment is neither `expected` (null =
   * none) nor `id`. Throws the same failure if the project assigns its domains to new builds by
   * itself.
   */
  checkProduction(step: VercelStep & { expected: string | null; id?: string }): Promise<void>;
  /**
   * Returns the id of the newest production build of the commit. This build may be older than the
   * deploy. `again` = true: the commit is already live, so the activity starts a new build with the
   * newest settings. `pushed` = true: the commit was pushed a moment ago, so the activity waits
   * until Vercel starts a build by itself. `plannedAt` is an ISO time.
   */
  pickDeployment: Effect<
    [step: VercelStep & { again: boolean; pushed: boolean; plannedAt: string }],
    SealedId
  >;
  /**
   * Waits until the deployment is ready, and checks that the deployment was built from the commit.
   * If the build failed, throws a final failure of type 'unhealthyRelease' with the lines of the
   * log that explain the failure.
   */
  awaitDeployment(build: VercelBuild): Promise<void>;
  /**
   * Checks health, version and critical paths at the deployment's own address. Throws a final
   * failure of type 'unhealthyRelease' if a check fails. Throws a final failure of type
   * 'misconfigured' if a login page answers.
   */
  smokeDeployment(
    build: VercelBuild & { smoke: SmokePaths; timing: Timing },
  ): Promise<{ asked: number }>;
  promoteDeployment: Effect<[build: VercelBuild], { promoted: 'done' | 'already' }>;
  /**
   * Turns automatic domain assignment off. Vercel turns this setting on when a deployment is
   * promoted. Then the next push would go live without approval.
   */
  turnAutoAssignOff: Effect<[step: VercelStep], { turned: 'done' | 'already' }>;
  /**
   * Proves that production, its domain and the served version belong to this deployment. Throws a
   * final failure of type 'unhealthyRelease' if this is not proven in time.
   */
  proveProduction(build: VercelBuild & { timing: Timing }): Promise<void>;
  /**
   * Makes `release` live, whichever deployment is live now. Probes production to prove this. Needs
   * no service except Vercel.
   */
  rollBackProduction: Effect<[step: VercelStep & { release: Release; timing: Timing }], HostState>;
}
