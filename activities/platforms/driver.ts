import type { Activities } from '../../domain/contract/activities.ts';
import type { PlatformFacts } from '../../domain/gates/platform.ts';
import type { SecretFacts } from '../../domain/gates/secrets.ts';
import type { HostState, PlanOn, Release, ServedProof, Target } from '../../domain/deploy/plan.ts';
import type { Elsewhere } from '../git/elsewhere.ts';
import type { ErrorSource, ErrorSourceInput } from './error-source.ts';

/**
 * The result of a check of the processes that serve. The texts are sentences for people, without a
 * full stop. `problems` is empty if no wrong process serves.
 */
export type ServedBy = Pick<ServedProof, 'problems' | 'notChecked'>;

/**
 * The result for a platform that runs the processes itself. Plimsoll has nothing to check there.
 */
export const byPlatform = async (): Promise<ServedBy> => ({ problems: [], notChecked: [] });

/** `url` is an origin. `headers` must be sent with every request. */
type Address = { url: string; headers: Record<string, string> };

/** Reads facts about a platform for the gates, the watch and the diagnosis. Changes nothing. */
export type Driver<T extends Target = Target> = {
  /**
   * Returns the state of each host or site. Throws a transient failure if the platform does not
   * answer. Throws a final failure if the platform refuses access.
   */
  inspect(target: T): Promise<HostState[]>;
  /**
   * Checks that only processes of this commit serve. If the platform runs the processes itself,
   * `problems` and `notChecked` are empty. Throws the same failures as `inspect`.
   */
  processes(target: T, sha: string): Promise<ServedBy>;
  /**
   * Checks for each host or site whether it can serve the rollback target without a new build.
   * `present` is null if the answer is unknown.
   */
  rollbackReady(target: T, rollbackTarget: Release): Promise<PlatformFacts['rollbackReady']>;
  /**
   * Returns reasons to close the platform gate that only this platform knows. Each text ends with
   * its remedy.
   */
  guards(plan: PlanOn<T>): Promise<string[]>;
  /**
   * Returns the reasons to close the platform gate because the release would lack submodules or Git
   * LFS files. Each text ends with its remedy. This function is called only if the commit has such
   * files. `isPublic` returns true if everybody may read a repository.
   */
  leavesOut(
    target: T,
    elsewhere: Elsewhere,
    isPublic: (url: string) => Promise<boolean>,
  ): Promise<string[]>;
  /**
   * Returns the reason why no rollback is possible after this commit is live, or null. A platform
   * without this function can always roll back.
   */
  noReturn?(target: T, sha: string): Promise<string | null>;
  /**
   * Returns the names of required variables that are not set on the platform. Never returns a
   * value.
   */
  variables(target: T): Promise<Pick<SecretFacts, 'hosts' | 'sourceErrors'>>;
  /**
   * Returns an address that serves the rollback target while another release is live, or null.
   */
  oldAddress(target: T, rollbackTarget: Release): Promise<Address | null>;
  measureBaseline(asked: {
    target: T;
    accessLog: string | null;
  }): ReturnType<Activities['measureBaseline']>;
  /** Creates the source that counts errors and requests during the watch. */
  errorSource(on: ErrorSourceInput<T>): ErrorSource;
  /**
   * Returns the release's last log lines for the diagnosis. Throws only if the activity is
   * cancelled.
   */
  lastLines(plan: PlanOn<T>): Promise<string[]>;
};

export type DriverOf = <T extends Target>(target: T) => Driver<T>;
