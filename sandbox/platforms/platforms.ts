import { join } from 'node:path';
import type { Board } from '../board.ts';
import { startCloudflare } from './cloudflare/cloudflare.ts';
import type { Cloudflare, CloudflareOptions } from './cloudflare/cloudflare.ts';
import type { Repositories } from '../git-host/git-host-repositories.ts';
import type { GitHostOptions, Push } from '../git-host/git-host.ts';
import { startNorthflank } from './northflank/northflank.ts';
import type { Northflank, NorthflankOptions } from './northflank/northflank.ts';
import { startVercel } from './vercel/vercel.ts';
import type { Vercel, VercelOptions } from './vercel/vercel.ts';

export type PlatformTokens = { northflank?: string; vercel?: string; cloudflare?: string };
/** The options of each platform. A platform without options is not started. */
export type PlatformOptions = {
  /** The options of Northflank. A push to the repository of a service starts a build. */
  northflank?: Pick<NorthflankOptions, 'services' | 'hints' | 'hourMs' | 'callsPerHour'>;
  /** The options of Vercel. A push to the repository of a project starts a build. */
  vercel?: Omit<VercelOptions, 'board' | 'repositories' | 'directory' | 'token' | 'slowMs'>;
  /** The options of Cloudflare. A push starts no build, because wrangler uploads the workers. */
  cloudflare?: Pick<CloudflareOptions, 'origins' | 'account' | 'lagMs' | 'minuteMs'>;
};
export type Platforms = {
  northflank: Northflank | undefined;
  vercel: Vercel | undefined;
  cloudflare: Cloudflare | undefined;
};

export const platformTokens = (
  { northflank, vercel, cloudflare }: PlatformOptions,
  make: (prefix: string) => string,
): PlatformTokens => ({
  ...(northflank ? { northflank: make('nf-') } : {}),
  ...(vercel ? { vercel: make('vcp_') } : {}),
  ...(cloudflare ? { cloudflare: make('cfut_') } : {}),
});

/**
 * Makes a handler for pushes. If a push moves a branch, the handler starts the builds at
 * Northflank.
 */
const builds =
  ({ onPush }: Northflank) =>
  ({ repository, ref, to }: Push) => {
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    if (branch && !/^0+$/.test(to)) onPush(repository, branch, to);
  };

type Deps = {
  board: Board;
  repositories: Repositories;
  slowMs?: number;
  tokens: PlatformTokens;
  directory: string;
  /** Registers a part. When the sandbox closes, it also closes the registered parts. */
  opened: <Part extends { close(): Promise<void> }>(part: Part) => Part;
};

/**
 * Starts the platforms that have options. Returns the platforms. `heard` contains the handlers that
 * must be called at every push.
 */
export async function startPlatforms(options: PlatformOptions, deps: Deps) {
  const { tokens, directory, opened, ...common } = deps;
  const given = (name: keyof PlatformTokens) => ({
    ...common,
    token: tokens[name] ?? '',
    directory: join(directory, name),
  });
  const northflank =
    options.northflank &&
    opened(await startNorthflank({ ...options.northflank, ...given('northflank') }));
  const vercel =
    options.vercel && opened(await startVercel({ ...options.vercel, ...given('vercel') }));
  const cloudflare =
    options.cloudflare &&
    opened(await startCloudflare({ ...options.cloudflare, ...given('cloudflare') }));
  const heard: GitHostOptions['onPush'][] = [northflank && builds(northflank), vercel?.onPush];
  const platforms: Platforms = { northflank, vercel, cloudflare };
  return { platforms, heard };
}
