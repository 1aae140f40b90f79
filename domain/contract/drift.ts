import type { Place } from '../deploy/place.ts';
import type { HostState, Plan } from '../deploy/plan.ts';

/** The release that was last made live by a deploy, a rollback or an adoption. */
export type Shipped = {
  /**
   * Full SHAs of the commits that may be live. After a failed rollback, the old or the new release
   * may be live.
   */
  shas: string[];
  /** ISO time of the ledger entry. */
  at: string;
  /**
   * The release of a failed deploy that was not rolled back. This release must not stay live.
   * Absent: there is no such release.
   */
  failed?: { sha: string; deployId: string };
  /** "adopted", or the outcome of the deploy, such as "succeeded" or "rolled-back". */
  how: string;
};

/**
 * The facts that git has about a served commit. `author` and `committer` have the form "Name
 * <address>".
 */
export type ServedCommit = {
  /**
   * Hash of the project's files in the commit. Equal files have equal hashes. '' = the commit has
   * no files of the project.
   */
  tree: string;
  title: string;
  author: string;
  committer: string;
  /** ISO time at which the commit was made. */
  at: string;
};

export type ServedSnapshot = {
  /** The release that was deployed or adopted last. null = there is no such release yet. */
  shipped: Shipped | null;
  /** Text about an open deploy that may change the live release; null = there is no such deploy. */
  busy: string | null;
  /**
   * Full SHA of the release that was rolled back, if nothing was deployed or adopted since then; null
   * = there is no such release.
   */
  rolledBack: string | null;
  live: Pick<HostState, 'host' | 'sha' | 'runningSha' | 'foreign'>[];
  /** The hosts that did not answer, each with the reason. */
  silent: { host: string; why: string }[];
  /** Every commit to compare; null = the repository does not contain it. */
  commits: Record<string, ServedCommit | null>;
};

/**
 * The result of comparing the live release with the release that was deployed last. `other`:
 * another release is live. `unknown`: the live release cannot be read.
 */
export type DriftVerdict = {
  verdict: 'same' | 'other' | 'busy' | 'unknown' | 'nothing-shipped';
  why: string;
  /**
   * For `other`: identifies the live release. The mark stays equal as long as this release is live.
   */
  mark?: string;
  /** Full SHA of the rolled back release, if only this release is live again. */
  returned?: string;
  /** For `other`: the release of a failed deploy is live. */
  failed?: true;
};

/** The result of one drift check, which the next check reads. */
export type DriftFinding = Place &
  DriftVerdict & {
    /** Number of checks in a row with the verdict `unknown`. */
    misses: number;
    /**
     * The `mark` of the drift about which people were paged; null = nobody was paged, or the drift
     * is over.
     */
    notified: string | null;
  };

/** The result of a scheduled drift check, which the next check reads. */
export type DriftReport = { places: DriftFinding[] };

export interface DriftActivities {
  /**
   * Reads the release that is live and the release that was deployed last. Throws a final failure
   * of type 'refused' if the environment is unknown. The type is 'misconfigured' if the
   * configuration is wrong.
   */
  readServed(place: Place): Promise<ServedSnapshot>;
  /**
   * Returns the plan of the deploy that was rolled back last, with a warrant to roll it back again, if
   * its release is served again. Returns null if not.
   */
  sealReturned(place: Place): Promise<Plan | null>;
  /**
   * Returns the report of the newest check before this run. null = there was no earlier check.
   * Throws a final failure of type 'misconfigured' if this worker cannot ask the Temporal server.
   */
  readLastDriftReport(input: { runId: string }): Promise<DriftReport | null>;
}
