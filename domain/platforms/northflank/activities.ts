import type { Effect } from '../../contract/effect.ts';
import type { HostState, Release, Timing } from '../../deploy/plan.ts';
import type { DeployRef } from '../../deploy/place.ts';
import type { Warrant } from '../../deploy/warrant.ts';
import type { NorthflankTarget } from './target.ts';

/** One step of a release at Northflank. */
export type NorthflankStep = {
  deploy: DeployRef;
  warrant?: Warrant | undefined;
  target: NorthflankTarget;
  release: Release;
  timing: Timing;
  /** The build that was live when the plan was made; null = none. */
  live: string | null;
};

/** The facts about a release that was proven healthy. */
export type Started = {
  state: HostState;
  /** At most 5 error lines of the start-up log, without secrets. */
  errors: string[];
};

/**
 * Every activity reads the current state before it acts. Every activity can throw a final failure
 * of type 'misconfigured' or 'rejectedByPlatform'.
 */
export interface NorthflankActivities {
  /**
   * Returns the ids of all builds of the commit that exist before the first effect. Throws a final
   * failure of type 'rejectedByPlatform' if another build was deployed since the plan was made, or
   * if Northflank deploys new builds by itself.
   */
  readBuilds(step: NorthflankStep): Promise<{ known: string[] }>;
  /**
   * Returns the id of a build of the commit. Starts a build if there is none. `pushed` = true: the
   * commit was pushed a moment ago, so the activity first waits for a build by CI. `again` = true:
   * the commit is already live, so only a new build counts.
   */
  adoptBuild: Effect<
    [step: NorthflankStep & { known: string[]; again: boolean; pushed: boolean; branch: string }],
    { buildId: string; made?: string }
  >;
  /**
   * Waits until the build has succeeded. If the build failed, throws a final failure of type
   * 'unhealthyRelease' with the last lines of the build log.
   */
  awaitBuild(step: NorthflankStep & { buildId: string }): Promise<void>;
  /**
   * Checks the facts again right before the live release changes. Returns the names of the running
   * containers. Throws a final failure in the same cases as `readBuilds`.
   */
  checkUnmoved(step: NorthflankStep & { buildId: string }): Promise<{ containers: string[] }>;
  deployBuild: Effect<
    [step: NorthflankStep & { buildId: string; made?: string | undefined }],
    { deployed: 'done' | 'already' }
  >;
  /**
   * Checks the rollout, the containers and the start-up log. Checks health and version from
   * outside. `others`: names of the containers that ran before this release. Throws a final failure
   * of type 'unhealthyRelease' if the release is not healthy in time.
   */
  verifyDeployment(step: NorthflankStep & { buildId: string; others: string[] }): Promise<Started>;
  /**
   * Makes `release` live, whichever build is live now. Probes production to prove this. Needs no
   * service except Northflank.
   */
  rollBackDeployment: Effect<[step: NorthflankStep], HostState>;
}
