import { cloudflare } from './cloudflare/cloudflare.ts';
import type { Cloudflare } from './cloudflare/cloudflare.ts';
import { northflank } from './northflank/northflank.ts';
import type { Northflank } from './northflank/northflank.ts';
import type { PlatformSpec } from './platform.ts';
import { vercel } from './vercel/vercel.ts';
import type { Vercel } from './vercel/vercel.ts';
import { vps } from './vps/vps.ts';
import type { Vps } from './vps/vps.ts';

type Platforms = { vps: Vps; northflank: Northflank; vercel: Vercel; cloudflare: Cloudflare };

/** The spec of every platform. TypeScript reports an error if a platform lacks a part. */
export const platforms: { readonly [P in Platform]: PlatformSpec<Platforms[P]> } = {
  vps,
  northflank,
  vercel,
  cloudflare,
};

/** The platform in the report of a deploy that has no plan. */
export const unplanned: Platform = 'vps';

export type Platform = keyof Platforms;
export type TargetOf<P extends Platform> = Platforms[P]['target'];
export type EnvironmentOf<P extends Platform> = Platforms[P]['environment'];
export type ActivitiesOf<P extends Platform> = Platforms[P]['activities'];

type All<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
/** The activities of every platform together. */
export type PlatformActivities = All<ActivitiesOf<Platform>>;

export const platformNames = Object.keys(platforms) as [Platform, ...Platform[]];

/** The spec of the platform of this target. */
export const specOf = <T extends TargetOf<Platform>>({ platform }: T) =>
  platforms[platform] as unknown as PlatformSpec<{
    target: T;
    environment: EnvironmentOf<Platform>;
    activities: object;
  }>;

/**
 * Returns true if a deploy of this environment runs code of the commit on the machine of the
 * worker.
 */
export const buildsOnWorker = ({ platform }: { platform: Platform }): boolean =>
  platforms[platform].buildsOnWorker;

/**
 * Returns the names of the checks with which a platform reports its own builds of this environment.
 */
export const buildChecksOf = <P extends Platform>(environment: EnvironmentOf<P>): string[] =>
  (platforms[environment.platform] as PlatformSpec<Platforms[Platform]>).buildChecks(
    environment as never,
  );
