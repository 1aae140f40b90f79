import type { DeployRef } from '../activities.ts';
import type { HostState, Release, VpsHost, VpsTarget } from '../plan.ts';

export type HostStep = {
  deploy: DeployRef;
  target: VpsTarget;
  host: VpsHost;
  release: Release;
  /** The way back: the very tree that was live, where the same commit was prepared twice. */
  tree?: string;
};

/** The process that was seen healthy; another one, or one that was started again, means that it died. */
export type SeenProcess = { mainPid: number; restarts: number };

/** One host of a VPS target. */
export interface HostActivities {
  /** worktree of the SHA + prepare, without touching what is served. */
  stageRelease(input: HostStep): Promise<{ staged: 'done' | 'already' }>;
  /** Flip `current` to the release. `before` is the service's InvocationID, read first. */
  switchRelease(input: HostStep): Promise<{ switched: 'done' | 'already'; before: string | null }>;
  /** Restart and prove it by a changed InvocationID; a restart that happened is adopted. Final: unhealthyRelease. */
  restartService(
    input: HostStep & { before: string | null },
  ): Promise<{ restarted: 'done' | 'already'; invocationId: string }>;
  /**
   * Healthy on the host and outside, heartbeat fresh, stays up, serves the SHA; `staysUp: 'later'`: that alone
   * is left to verifyStaysUp. Final: unhealthyRelease.
   */
  verifyHost(
    input: HostStep & { startUpMs: number; staysUp?: 'later' },
  ): Promise<HostState & { process: SeenProcess }>;
  /** A moment later still that process and healthy, else verified anew. Final: unhealthyRelease. */
  verifyStaysUp(input: HostStep & { startUpMs: number; process: SeenProcess }): Promise<HostState>;
  /** Absolute: make `release` live on this host, whatever is there; no network but the host. Proven by probing. */
  restoreHost(input: HostStep & { startUpMs: number }): Promise<HostState>;
  /** Keep ≥ 5 releases, never live, last proven or restore target. */
  pruneReleases(input: HostStep & { keep: string[] }): Promise<{ removed: string[] }>;
}
