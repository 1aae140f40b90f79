import type { Platform, TargetOf } from '../platforms/index.ts';

export type { Platform, TargetOf } from '../platforms/index.ts';

/**
 * The target of a deploy: its platform and settings. The target is part of the digest, so a later
 * change of the configuration cannot change an approved deploy.
 */
export type Target = TargetOf<Platform>;

/** An address where people and probes reach a release. `url` is the origin. */
export type Site = { name: string; url: string };

/** The state of one host or service. `current` is the link on a host to the live release. */
export type HostState = {
  host: string;
  /** Full SHA of the release that `current` points to; null = there is no release yet. */
  sha: string | null;
  /**
   * SHA of the directory in which the main process runs. null = the directory cannot be read, or
   * nothing runs.
   */
  runningSha: string | null;
  invocationId: string | null;
  active: boolean;
  healthy: boolean;
  /** Full SHAs of all releases that are staged and complete on this host; absent = not read. */
  ready?: string[];
  /**
   * The directory name of the live release. Absent: the name is the SHA. The name differs from the
   * SHA if the same commit was prepared twice.
   */
  tree?: string;
  /**
   * Set if Plimsoll did not release the live files. `path` is the directory of the files. `sha` is
   * the commit of the files, or null if git does not know the commit.
   */
  foreign?: { path: string; sha: string | null };
  /** The platform's own id of the live release, if the platform has ids. */
  id?: string;
  /** For each commit that the platform can roll back to: the platform's own id of its release. */
  ids?: Record<string, string>;
  /** Free megabytes on the disk of the service's directory; null = could not be read. */
  freeMb?: number | null;
  /** true: flock is installed on the host. */
  canLock?: boolean;
};

export type Release = {
  /** Format: `<12 digits of the SHA>-<8 digits of the settings fingerprint>`. */
  id: string;
  sha: string;
  /** The platform's own id of this release, if the id is not the SHA. A rollback names this id. */
  platformId?: string;
};
