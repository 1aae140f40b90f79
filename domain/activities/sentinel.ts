import type { Place } from '../activities.ts';
import type { HostState } from '../plan.ts';
import type { SentinelReport } from '../policy/sentinel.ts';

/** What was made live on purpose last. */
export type Shipped = {
  /** Any of them is right: after a failed way back production may be old or new. */
  shas: string[];
  /** ISO time. */
  at: string;
  /** "succeeded", "adopted", "rolled-back". */
  how: string;
};

/** A commit that is served, as git knows it. People are "Name <address>". */
export type ServedCommit = {
  /** Equal for equal files; '' = the project has none in it. */
  tree: string;
  title: string;
  author: string;
  committer: string;
  /** ISO time of the committer. */
  at: string;
};

export type ServedLook = {
  /** null = nothing was shipped or adopted here yet. */
  shipped: Shipped | null;
  /** A deploy that may change what is served right now. */
  busy: string | null;
  live: Pick<HostState, 'host' | 'sha' | 'runningSha' | 'foreign'>[];
  /** Places that did not answer, and why. */
  silent: { host: string; why: string }[];
  /** Every commit that is compared; null = the repository has no such commit. */
  commits: Record<string, ServedCommit | null>;
};

export interface SentinelActivities {
  /** What is served, and what was shipped last. Reads only. Final: refused (no such place), misconfigured. */
  lookAtServed(place: Place): Promise<ServedLook>;
  /** What the newest look before this run found; null = there was none. Final misconfigured: nobody can ask the server. */
  recallSentinel(input: { runId: string }): Promise<SentinelReport | null>;
}
