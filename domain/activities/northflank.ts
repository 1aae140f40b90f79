import type { HostState, NorthflankTarget, Release, Timing } from '../plan.ts';
import type { DeployRef } from '../activities.ts';

/** One step of a release at Northflank. */
export type NorthflankStep = {
  deploy: DeployRef;
  target: NorthflankTarget;
  release: Release;
  timing: Timing;
  /** The build that was live when this was planned; null = none. */
  live: string | null;
};

/** What was seen of a release that is proven. */
export type Started = {
  state: HostState;
  /** Lines of its start-up log that speak of errors, at most 5, without secrets. */
  errors: string[];
};

/** All look before they act. Final: misconfigured, rejectedByPlatform. */
export interface NorthflankActivities {
  /**
   * Ids of every build of the commit, read before the first effect. Final where somebody deployed something else
   * since the plan, or where Northflank ships by itself.
   */
  readBuilds(step: NorthflankStep): Promise<{ known: string[] }>;
  /**
   * A build of the commit that is there or that CI begins, else one that is started; never a second one. `again`: the
   * commit is live already, so only a new build will do. `pushed`: CI was told of it just now.
   */
  adoptBuild(
    step: NorthflankStep & { known: string[]; again: boolean; pushed: boolean; branch: string },
  ): Promise<{ buildId: string }>;
  /** Until it succeeded. Final unhealthyRelease: it failed, with the last lines of its log. */
  awaitBuild(step: NorthflankStep & { buildId: string }): Promise<void>;
  /** Final as with readBuilds, right before the first effect on what is served; names what runs then. */
  checkUnmoved(step: NorthflankStep & { buildId: string }): Promise<{ containers: string[] }>;
  deployBuild(
    step: NorthflankStep & { buildId: string },
  ): Promise<{ deployed: 'done' | 'already' }>;
  /**
   * Rollout, containers, start-up log, health and version outside. `others`: containers that ran before. Final:
   * unhealthyRelease.
   */
  verifyDeployment(step: NorthflankStep & { buildId: string; others: string[] }): Promise<Started>;
  /** Absolute: make `release` live, whatever is there; nothing but Northflank. Proven by probing. */
  restoreDeployment(step: NorthflankStep): Promise<HostState>;
}
