import type { ProbeAccess } from '../../lib/probe-access.ts';

/** One Worker at Cloudflare. The Worker serves one version, or two during a gradual release. */
export type CloudflareTarget = ProbeAccess & {
  platform: 'cloudflare';
  account: string;
  worker: string;
  /** Directory in the repository with wrangler's configuration; '' = the repository's root. */
  directory: string;
  /** The value of wrangler's --env; null = wrangler is called without --env. */
  env: string | null;
  rollout: 'all-at-once' | 'gradual';
  /** `env:NAME`: Plimsoll's worker reads the token from the environment variable NAME. */
  token: string;
  api: string;
  repository: string;
  url: string;
  /**
   * Address of one version. `{version}` stands for the first 8 digits of the version's id. null =
   * the version's address at workers.dev.
   */
  preview: string | null;
  /** `health` and `version` are paths on `url` and on every version's own address. */
  health: string;
  version: string | null;
  /** File with npm's settings for `npm ci`, on the machine of Plimsoll's worker. */
  npmrc?: string;
  requiredVariables: string[];
  variablesFile?: string;
};
