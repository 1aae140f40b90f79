import type { Plan, Release, Site, Timing } from '../deploy/plan.ts';
import type { Kinds } from '../contract/effect.ts';
import type { VendorService } from '../services/call.ts';
import type * as kit from '../config/kit.ts';

export type SchemaKit = typeof kit;

/**
 * The types of one platform: its target in a plan, its settings in plimsoll.yaml, and its
 * activities.
 */
type PlatformTypes = {
  target: { platform: string; repository: string };
  environment: { platform: string };
  activities: object;
};

/** The pure functions and the data that one platform must provide. */
export type PlatformSpec<T extends PlatformTypes> = {
  /**
   * The schema of the platform's part of plimsoll.yaml. zod is a parameter, because workflows load
   * this file and must not load zod.
   */
  schema(parts: SchemaKit): kit.z.ZodType<T['environment']>;
  /** Every public address that serves the release. */
  sites(target: T['target']): Site[];
  /** The health address of every site, for requests from outside. */
  health(target: T['target']): Site[];
  /** The target, split into parts that can be read one by one, such as hosts. */
  places(target: T['target']): T['target'][];
  /**
   * The command with which a person checks whether the target answers. null = the platform's error
   * already says enough.
   */
  checkCommand(target: T['target']): string | null;
  steps: Words<T['target']>;
  effects: EffectDeclaration<T['target']>;
  /** true: a deploy runs code of the commit on the machine of the worker, such as a build. */
  buildsOnWorker: boolean;
  /**
   * The longest times of a release. `toBuildMs`: from the start of the deploy until the release is
   * built and tested. `toProveMs`: from the tested build until the release is proven.
   */
  longest(target: T['target'], timing: Timing): { toBuildMs: number; toProveMs: number };
  /**
   * Every call to the platform's API, with its permission and its specification. null = the
   * platform has no API.
   */
  service: VendorService | null;
  /**
   * true: the platform sends webhooks. The webhook secret is `hints.<platform>` in plimsoll.yaml.
   */
  webhook: boolean;
  /**
   * Names of the check runs and commit statuses with which the platform reports its builds of this
   * environment to GitHub. These checks do not count as tests, because the deploy itself waits for
   * the build. An empty list means that the platform reports nothing to GitHub.
   */
  buildChecks(environment: T['environment']): string[];
  keys: PlatformKeys;
  /** A short text for each activity, by its name, for the Web UI. */
  summaries: Record<keyof T['activities'] & string, string>;
  /**
   * For each activity, by its name: 'effect' if the activity changes something outside the worker;
   * 'read' in all other cases.
   */
  kinds: Kinds<T['activities']>;
};

/** The patterns with which the secrets gate finds secrets of the platform. */
type PlatformKeys = {
  /** Patterns of keys that contain a mark of the platform, such as a prefix. */
  marked: { rule: string; pattern: RegExp }[];
  /**
   * Parts of the names that people give to secrets of the platform. Each part is the source of a
   * regular expression, in lower case.
   */
  named: string[];
  /** Fingerprints of example keys that the platform has published, by the source of the keys. */
  published: Record<string, string[]>;
};

/** The texts that describe a platform's steps to approvers. The steps are part of the digest. */
export type Words<T> = {
  /** The steps before smoke and watch, in order. */
  release(target: T, sha: string): string[];
  /** The steps of the rollback. These steps are safe even if the deploy changed nothing. */
  rollback(target: T, rollbackTarget: Release): string[];
  /**
   * Sentences that people must read after a rollback, before the next deploy. The post-mortem and
   * `status` show these sentences.
   */
  afterRollback(target: T): string[];
  /** The source that the watch reads in addition to the probes. */
  source: string;
  /** Texts that say where the release runs. The addresses of the release are not in these texts. */
  where(target: T): string[];
};

/**
 * The time at which an effect can happen. `forward`: in a deploy without problems. `trouble`: after
 * a problem, for example in a rollback. `after`: in the workflow `aftermath`, after a rollback.
 */
export type When = 'forward' | 'trouble' | 'after';

/** One change that a deploy may make. */
export type Effect = {
  when: When;
  /** The host or the service that changes, such as "deploy@one" or "GitHub acme/shop". */
  where: string;
  what: string;
  /**
   * The requests that make the effect, such as "POST /repos/acme/shop/deployments". `*` stands for
   * any text. Calls to hosts, Slack and git are described in words.
   */
  calls: string[];
  /** true: every successful deploy has this effect. */
  always?: true;
};

/** One address that a deploy reads, and the reason for the read. The read changes nothing. */
export type Probe = { url: string; what: string };

/** The effects of a deploy on one platform, and the addresses that the deploy reads. */
export type EffectDeclaration<T> = {
  effects(target: T, plan: Plan): Effect[];
  /** Paths on every site that the deploy reads, besides the critical paths. */
  paths(target: T): { path: string | null; what: string }[];
  /** Further addresses that the deploy reads, besides the sites. */
  inside?(target: T): Probe[];
};
