import type { Effect } from '../../contract/effect.ts';
import type { HostState, Release, Timing } from '../../deploy/plan.ts';
import type { SmokePaths } from '../../deploy/watch-types.ts';
import type { DeployRef } from '../../deploy/place.ts';
import type { SealedId, Warrant } from '../../deploy/warrant.ts';
import type { CloudflareTarget } from './target.ts';

/** One step of a release of a Worker. */
export type CloudflareStep = {
  deploy: DeployRef;
  warrant?: Warrant | undefined;
  target: CloudflareTarget;
  release: Release;
};
/** `id` is the id of the version that this deploy releases. */
export type CloudflareVersion = CloudflareStep & SealedId;

/**
 * The result of `wrangler deploy`. `untouched`: wrangler failed for this reason, and the previous
 * version is still live.
 */
export type Deployed = { id: string } | { untouched: string };

/**
 * Every activity reads the current state before it acts. Every activity can throw a final failure
 * of type 'misconfigured' or 'rejectedByPlatform'.
 */
export interface CloudflareActivities {
  /**
   * Checks which version is live. Throws a final failure of type 'rejectedByPlatform' if the live
   * version is not `expected` (null = no version), or if two versions share the traffic.
   */
  checkServed(step: CloudflareStep & { expected: string | null }): Promise<void>;
  /**
   * Deploys the release, and gives the release all the traffic at once. `expected` is the version
   * that must be live before.
   */
  deployWorker: Effect<[step: CloudflareStep & { expected: string | null }], Deployed>;
  /**
   * Uploads a version that gets no traffic yet. Throws a final failure of type 'unhealthyRelease'
   * if the version does not build or start.
   */
  uploadVersion: Effect<[step: CloudflareStep], SealedId>;
  /**
   * Checks health, version and critical paths at the version's own address. Throws a final failure
   * of type 'unhealthyRelease' if a check fails. Throws a final failure of type 'misconfigured' if
   * the version has no address.
   */
  smokeVersion(
    version: CloudflareVersion & { smoke: SmokePaths; timing: Timing },
  ): Promise<{ asked: number }>;
  /**
   * Gives `percentage` % of the traffic to the version `id`, and the rest to the version `other`.
   */
  shareTraffic: Effect<
    [version: CloudflareVersion & { percentage: 10 | 100; other: string }],
    { shared: 'done' | 'already' }
  >;
  /**
   * Probes the version at the production address for one segment of the watch. Throws a final
   * failure of type 'unhealthyRelease' if the version fails and the version `other` does not fail.
   */
  holdShare(
    version: CloudflareVersion & { other: string; smoke: SmokePaths; timing: Timing },
  ): Promise<{ asked: number }>;
  /** Sets the routes and schedules of the commit. Cloudflare does not store them in a version. */
  setTriggers: Effect<[version: CloudflareVersion], void>;
  /**
   * Proves that the version has all the traffic and that production is healthy. Throws a final
   * failure of type 'unhealthyRelease' if this is not proven in time.
   */
  proveWorker(version: CloudflareVersion & { timing: Timing }): Promise<void>;
  /**
   * Makes `release` live, whichever version is live now. Probes production to prove this. Needs no
   * service except Cloudflare.
   */
  rollBackWorker: Effect<[step: CloudflareStep & { timing: Timing }], HostState>;
}
