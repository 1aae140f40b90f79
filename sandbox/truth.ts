import type { Cloudflare } from './cloudflare.ts';
import type { CloudflareTruth } from './cloudflare/truth.ts';
import type { RepositoryTruth } from './git-host-repositories.ts';
import type { Northflank } from './northflank.ts';
import type { NorthflankTruth } from './northflank/service.ts';
import type { Vercel } from './vercel.ts';
import type { VercelTruth } from './vercel/truth.ts';
import type { HostTruth } from './vps/truth.ts';

/** Each is read anew, from processes and from repositories. */
export type Truths = {
  hosts: () => Promise<object[]>;
  repositories: () => Promise<RepositoryTruth[]>;
  northflank?: Pick<Northflank, 'truth'> | undefined;
  vercel?: Pick<Vercel, 'truth'> | undefined;
  cloudflare?: Pick<Cloudflare, 'served'> | undefined;
};

/** The answer of `/truth`: what is really served, and what the branches are. */
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
