import { platformNames } from '../../domain/platforms/index.ts';
import type {
  EnvironmentOf,
  Platform,
  PlatformActivities,
  TargetOf,
} from '../../domain/platforms/index.ts';
import type { Config, Environment, Project } from '../../domain/config/config.ts';
import type { Endpoint } from '../lib/addresses.ts';
import type { LiveCheck } from '../../domain/services/live.ts';
import type { Finding } from '../lib/finding.ts';
import { cloudflare } from './cloudflare/cloudflare.ts';
import type { Driver, DriverOf } from './driver.ts';
import type { DoctorDeps, DoctorWithGit, PlatformDeps, PlatformModule, Problem } from './module.ts';
import { northflank } from './northflank/northflank.ts';
import { openLines, placesOn } from './places.ts';
import { vercel } from './vercel/vercel.ts';
import { vps } from './vps/vps.ts';

/**
 * The module of each platform. If a module is missing or incomplete, TypeScript reports an error.
 */
export const modules: { readonly [P in Platform]: PlatformModule<P> } = {
  vps,
  northflank,
  vercel,
  cloudflare,
};

/** Returns the module of the platform with this name. */
export const moduleOf = <P extends Platform>(platform: P) =>
  modules[platform] as unknown as PlatformModule<P>;

type AnyModule = Omit<PlatformModule<Platform>, 'resolveTarget' | 'endpoints' | 'secrets'> & {
  resolveTarget(place: { project: Project; environment: Environment }): TargetOf<Platform>;
  endpoints(environment: EnvironmentOf<Platform>): Endpoint[];
  secrets(environment: EnvironmentOf<Platform>): (string | undefined)[];
};
const moduleFor = ({ platform }: Environment) => modules[platform] as unknown as AnyModule;

export const resolveTarget = (place: { project: Project; environment: Environment }) =>
  moduleFor(place.environment).resolveTarget(place);

export const endpointsOf = (environment: Environment) =>
  moduleFor(environment).endpoints(environment);

export const secretsOf = (environment: Environment) => [
  ...moduleFor(environment).secrets(environment),
  ...Object.values(environment.headers ?? {}),
];

const each = <T>(config: Config, ask: <P extends Platform>(platform: P) => T[]): T[] =>
  platformNames.flatMap((platform) => ask(platform));

/** Checks the configuration against the rules of every platform. Returns the problems. */
export const platformRules = (config: Config): Problem[] => [
  ...openLines(config),
  ...each(config, (platform) => moduleOf(platform).rules(placesOn(config, platform))),
];

/** Starts the doctor checks of all environments on all platforms at the same time. */
export const examinePlatforms = (config: Config, deps: DoctorWithGit): Promise<Finding>[] =>
  each(config, (platform) => moduleOf(platform).doctor(placesOn(config, platform), deps));

/** Returns the reads that `plimsoll doctor --live` tries on all platforms. */
export const livePlatforms = (config: Config, deps: DoctorDeps): LiveCheck[] =>
  each(config, (platform) => moduleOf(platform).live(placesOn(config, platform), deps));

export type ConnectedPlatforms = {
  driverOf: DriverOf;
  activities: PlatformActivities;
  close(): void;
};

/**
 * Connects every platform. Returns all drivers, all activities, and a `close` that closes the
 * connections of all platforms.
 */
export function connectPlatforms(deps: PlatformDeps): ConnectedPlatforms {
  const connected = platformNames.map(
    (platform) => [platform, moduleOf(platform).connect(deps)] as const,
  );
  const drivers = new Map(connected.map(([platform, { driver }]) => [platform, driver]));
  return {
    driverOf: <T extends TargetOf<Platform>>({ platform }: T) =>
      drivers.get(platform) as unknown as Driver<T>,
    activities: Object.assign(
      {},
      ...connected.map(([, { activities }]) => activities),
    ) as PlatformActivities,
    close: () => connected.forEach(([, one]) => one.close()),
  };
}
