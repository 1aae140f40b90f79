import type { Activities } from '../../domain/activities.ts';
import type { HostState, PlanOn, Platform, Release, Target, TargetOf } from '../../domain/plan.ts';
import type { PlatformFacts, SecretFacts } from '../../domain/policy/gates.ts';
import type { Eyes, EyesOn } from '../watch/eyes.ts';

/** `url` is an origin. */
export type Address = { url: string; headers: Record<string, string> };

/** The facts that gates, watch and diagnosis want of a platform. They change nothing. */
export type Driver<T extends Target = Target> = {
  /** One state per place. Transient: it did not answer. Final: it refused us. */
  inspect(target: T): Promise<HostState[]>;
  /** Whether the release to go back to is there without a build or a fetch; null = could not be seen. */
  wayBack(target: T, restoreTo: Release): Promise<PlatformFacts['wayBack']>;
  /** What else keeps the platform gate closed, one sentence each with its remedy. */
  guards(plan: PlanOn<T>): Promise<string[]>;
  /** Why nothing can go back once this commit is live; null = it can. Absent = it always can. */
  noReturn?(target: T, sha: string): Promise<string | null>;
  /** Which of the required variables have no name there; values are never read. */
  variables(target: T): Promise<Pick<SecretFacts, 'hosts' | 'sourceErrors'>>;
  /** Where the release before is served still, whatever is live; null = nowhere. Headers let us in. */
  oldAddress(target: T, restoreTo: Release): Promise<Address | null>;
  measureBaseline(asked: {
    target: T;
    accessLog: string | null;
  }): ReturnType<Activities['measureBaseline']>;
  /** Errors and requests as the watch goes on. */
  eyes(on: EyesOn<T>): Eyes;
  /** The end of what the release says of itself, for the diagnosis; never an error but a cancel. */
  lastLines(plan: PlanOn<T>): Promise<string[]>;
};

/** A new platform fails to compile until it is wired. */
export type Drivers = { [P in Platform]: Driver<TargetOf<P>> };
export type DriverOf = <T extends Target>(target: T) => Driver<T>;

/** The one place where a target's platform picks its driver. */
export const driverOf =
  (drivers: Drivers): DriverOf =>
  <T extends Target>(target: T) =>
    drivers[target.platform] as unknown as Driver<T>;
