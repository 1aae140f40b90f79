import type {
  ActivitiesOf,
  EnvironmentOf,
  Platform,
  TargetOf,
} from '../../domain/platforms/index.ts';
import type { Project } from '../../domain/config/config.ts';
import type { AtBranch } from '../git/branch.ts';
import type { Builder } from '../builds/builder.ts';
import type { Git } from '../git/git.ts';
import type { Endpoint, Path } from '../lib/addresses.ts';
import type { LiveCheck } from '../../domain/services/live.ts';
import type { Finding } from '../lib/finding.ts';
import type { Driver } from './driver.ts';

/** An environment on platform P, with its project and its path in plimsoll.yaml. */
export type PlaceOn<P extends Platform> = {
  path: Path;
  project: Project;
  environment: EnvironmentOf<P>;
};

/**
 * A rule that plimsoll.yaml breaks. The first line of `what` says what is wrong. The second line is
 * the remedy.
 */
export type Problem = { path: Path; what: string };

/**
 * Returns the value of the variable in "env:NAME". Throws a final failure of type 'misconfigured'
 * if the variable is not set.
 */
type Secret = (ref: string) => string;

export type PlatformDeps = {
  secret: Secret;
  git: Git;
  /** Runs code of a commit isolated on this machine. */
  builder: Builder;
  /** Directory for temporary checkouts and caches. Its contents may be deleted at any time. */
  workspace: string;
  /**
   * The factor by which a sandbox divides its waiting times. Outside of a sandbox the factor is 1.
   */
  timeScale: number;
};

export type DoctorDeps = { secret: Secret; isSet: (ref: string) => boolean };
/** `atBranch` reads the files of the newest commit of a project's branch. */
export type DoctorWithGit = DoctorDeps & { atBranch: AtBranch };

/**
 * A received webhook that is not verified yet. `rest` is the part of the request path after
 * `/<platform>/`.
 */
type Webhook = {
  rest: string;
  header(name: string): string;
  /** Returns the body, or null if the body is too long. */
  body(): Promise<Uint8Array | null>;
};
type WebhookCheck = 'genuine' | 'not theirs' | 'too large';

/**
 * One platform, connected for a running worker. The driver reads facts. The activities make
 * changes.
 */
export type Connected<P extends Platform> = {
  driver: Driver<TargetOf<P>>;
  activities: ActivitiesOf<P>;
  /** Closes the connections that stay open between calls. */
  close(): void;
};

/** Everything that a platform must provide outside of `domain`. */
export type PlatformModule<P extends Platform> = {
  /**
   * Returns the settings from plimsoll.yaml that a plan keeps for its deploy. A secret stays a
   * reference, `env:NAME`.
   */
  resolveTarget(place: Pick<PlaceOn<P>, 'project' | 'environment'>): TargetOf<P>;
  /** Checks all environments on this platform for problems that the schema cannot find. */
  rules(places: readonly PlaceOn<P>[]): Problem[];
  /**
   * Returns every address in the environment that the worker connects to. Each `path` is relative
   * to the environment in plimsoll.yaml.
   */
  endpoints(environment: EnvironmentOf<P>): Endpoint[];
  /**
   * Returns the reference `env:NAME` of every secret of the environment. undefined means that the
   * secret is not configured.
   */
  secrets(environment: EnvironmentOf<P>): (string | undefined)[];
  /** Checks each environment for problems that would make a deploy fail. Changes nothing. */
  doctor(places: readonly PlaceOn<P>[], deps: DoctorWithGit): Promise<Finding>[];
  /**
   * Tries every read of a deploy, one by one, on the real account. Changes nothing. Returns an
   * empty list if the platform has no API.
   */
  live(places: readonly PlaceOn<P>[], deps: DoctorDeps): LiveCheck[];
  /**
   * Verifies that a webhook comes from the platform. null means that Plimsoll accepts no webhooks
   * from this platform.
   */
  checkWebhook: ((webhook: Webhook, secret: string) => Promise<WebhookCheck>) | null;
  connect(deps: PlatformDeps): Connected<P>;
};
