import type { Effect } from '../../contract/effect.ts';
import type { HostState, Release } from '../../deploy/plan.ts';
import type { DeployRef } from '../../deploy/place.ts';
import type { Warrant } from '../../deploy/warrant.ts';
import type { VpsHost, VpsTarget } from './target.ts';

export type HostStep = {
  deploy: DeployRef;
  warrant?: Warrant | undefined;
  target: VpsTarget;
  host: VpsHost;
  release: Release;
  /** See `Epoch` in activities/platforms/vps. Only a worker sets it; absent = no fence. */
  epoch?: number | null;
  /**
   * The name of the release's directory. Set only if the commit was prepared in more than one
   * directory.
   */
  tree?: string;
};

/** The process that was healthy. If one of these numbers changes later, this process has ended. */
export type ProcessSnapshot = { mainPid: number; restarts: number };

/** Steps on one host of a VPS target. */
export interface HostActivities {
  /** Makes a worktree of the commit and runs `prepare` there. The live release does not change. */
  stageRelease: Effect<[input: HostStep], { staged: 'done' | 'already' }>;
  /** Points `current` to the release. `before` is the service's InvocationID before the switch. */
  switchRelease: Effect<[input: HostStep], { switched: 'done' | 'already'; before: string | null }>;
  /**
   * Restarts the service, unless it was already restarted. A changed InvocationID proves the
   * restart. Throws a final failure of type 'unhealthyRelease' if the service does not start.
   * `startUpMs`: the time for which the unit may be starting; absent = the usual time.
   */
  restartService: Effect<
    [input: HostStep & { before: string | null; startUpMs?: number }],
    { restarted: 'done' | 'already'; invocationId: string }
  >;
  /**
   * Checks that the service is healthy on the host and from outside, has a fresh heartbeat, stays
   * up and serves the commit. `staysUp: 'later'`: this activity does not check whether the service
   * stays up, because verifyStaysUp checks it later. Throws a final failure of type
   * 'unhealthyRelease' if the service is not healthy in time.
   */
  verifyHost(
    input: HostStep & { startUpMs: number; staysUp?: 'later' },
  ): Promise<HostState & { process: ProcessSnapshot }>;
  /**
   * Waits a moment, then checks whether `process` still runs and is healthy. If this fails, repeats
   * the checks of verifyHost. Throws a final failure of type 'unhealthyRelease' if the service is
   * not healthy in time.
   */
  verifyStaysUp(
    input: HostStep & { startUpMs: number; process: ProcessSnapshot },
  ): Promise<HostState>;
  /**
   * Makes `release` live on this host, whichever release is live now. Probes the host to prove
   * this. Connects to no other machine. `stopped`: processes that the failed release had left
   * behind and that the activity stopped. Throws a final failure of type 'unhealthyRollback' if
   * `release` is live and not healthy.
   */
  rollBackHost: Effect<
    [input: HostStep & { startUpMs: number }],
    HostState & { stopped?: string[] }
  >;
  /**
   * Removes old releases, but keeps at least 5. Never removes the live release, the last proven
   * release, the rollback target, or a release that a process of the host uses. `unread`: releases
   * were removed, although the ssh user may not see which files the processes of other users use.
   */
  pruneReleases: Effect<
    [input: HostStep & { keep: string[] }],
    { removed: string[]; unread?: boolean }
  >;
}
