import type { Cloudflare } from './platforms/cloudflare/cloudflare.ts';
import type { CloudflareTruth } from './platforms/cloudflare/truth.ts';
import type { RepositoryTruth } from './git-host/git-host-repositories.ts';
import type { Northflank } from './platforms/northflank/northflank.ts';
import type { NorthflankTruth } from './platforms/northflank/service.ts';
import type { Vercel } from './platforms/vercel/vercel.ts';
import type { VercelTruth } from './platforms/vercel/truth.ts';
import type { HostTruth } from './platforms/vps/truth.ts';

/**
 * The functions that read the real state. Every call reads the processes and the repositories
 * again, without a cache.
 */
export type Truths = {
  hosts: () => Promise<object[]>;
  repositories: () => Promise<RepositoryTruth[]>;
  northflank?: Pick<Northflank, 'truth'> | undefined;
  vercel?: Pick<Vercel, 'truth'> | undefined;
  cloudflare?: Pick<Cloudflare, 'served'> | undefined;
};

/**
 * The response of `/truth`. It contains the commits that are really served, and the commits of the
 * branches.
 */
export type Truth = {
  at: string;
  hosts: HostTruth[];
  repositories: RepositoryTruth[];
  northflank?: NorthflankTruth[];
  vercel?: VercelTruth[];
  cloudflare?: CloudflareTruth[];
};

export async function collectTruth(from: Truths) {
  const { northflank, vercel, cloudflare } = from;
  const [hosts, repositories, projects, workers] = await Promise.all([
    from.hosts(),
    from.repositories(),
    vercel?.truth(),
    cloudflare?.served(),
  ]);
  const known = {
    ...(northflank ? { northflank: northflank.truth() } : {}),
    ...(projects ? { vercel: projects } : {}),
    ...(workers ? { cloudflare: workers } : {}),
  };
  return { at: new Date().toISOString(), hosts, repositories, ...known };
}
