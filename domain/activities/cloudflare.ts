import type { DeployRef } from '../activities.ts';
import type { CloudflareTarget, HostState, Release, Timing } from '../plan.ts';
import type { SmokePaths } from '../schema.ts';

/** One step of a release of a Worker. */
export type CloudflareStep = { deploy: DeployRef; target: CloudflareTarget; release: Release };
/** `id`: the version that this deploy brings. */
export type CloudflareVersion = CloudflareStep & { id: string };

/** What became of `wrangler deploy`; `untouched` = why not, and what served before serves still. */
export type Deployed = { id: string } | { untouched: string };

/** All look before they act. Final: misconfigured, rejectedByPlatform. */
export interface CloudflareActivities {
  /** Final: since the plan something else went live than `expected` (null = nothing was), or two versions share. */
  checkServed(step: CloudflareStep & { expected: string | null }): Promise<void>;
  /** Everybody at once. `expected` serves until then. */
  deployWorker(step: CloudflareStep & { expected: string | null }): Promise<Deployed>;
  /** A version that serves nobody yet. Final unhealthyRelease: it does not build or start. */
  uploadVersion(step: CloudflareStep): Promise<{ id: string }>;
  /** Health, version and critical paths at its own address. Final unhealthyRelease; misconfigured: it has none. */
  smokeVersion(
    version: CloudflareVersion & { smoke: SmokePaths; timing: Timing },
  ): Promise<{ asked: number }>;
  /** `id` gets this share of the traffic, `other` the rest. */
  shareTraffic(
    version: CloudflareVersion & { percentage: 10 | 100; other: string },
  ): Promise<{ shared: 'done' | 'already' }>;
  /** Asks it at the production address for a segment of the watch. Final unhealthyRelease: it fails, `other` not. */
  holdShare(
    version: CloudflareVersion & { other: string; smoke: SmokePaths; timing: Timing },
  ): Promise<{ asked: number }>;
  /** Routes and schedules of the commit, which no version carries. */
  setTriggers(version: CloudflareVersion): Promise<void>;
  /** It has all the traffic, and production answers healthy with its version. Final: unhealthyRelease. */
  proveWorker(version: CloudflareVersion & { timing: Timing }): Promise<void>;
  /** Absolute: make `release` live, whatever is there; nothing but Cloudflare is asked. Proven by probing. */
  rollBackWorker(step: CloudflareStep & { timing: Timing }): Promise<HostState>;
}
