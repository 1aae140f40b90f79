import { join } from 'node:path';
import type { Board } from './board.ts';
import { startCloudflare } from './cloudflare.ts';
import type { Cloudflare, CloudflareOptions } from './cloudflare.ts';
import type { Repositories } from './git-host-repositories.ts';
import type { GitHostOptions, Push } from './git-host.ts';
import { startNorthflank } from './northflank.ts';
import type { Northflank, NorthflankOptions } from './northflank.ts';
import { startVercel } from './vercel.ts';
import type { Vercel, VercelOptions } from './vercel.ts';

export type PlatformTokens = { northflank?: string; vercel?: string; cloudflare?: string };
/** Each is absent where there is none. */
export type PlatformOptions = {
  /** Builds what is pushed to the repositories of its services. */
  northflank?: Pick<NorthflankOptions, 'services' | 'hints' | 'hourMs' | 'callsPerHour'>;
  /** Builds what is pushed to the repositories of its projects. */
  vercel?: Omit<VercelOptions, 'board' | 'repositories' | 'directory' | 'token' | 'slowMs'>;
  /** Hears of no push: a worker is uploaded. */
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

/** CI hears of every branch that a push moved. */
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
  /** Closes the part when the sandbox is closed. */
  opened: <Part extends { close(): Promise<void> }>(part: Part) => Part;
};

/** Those that the options name, and who of them hears of a push. */
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
