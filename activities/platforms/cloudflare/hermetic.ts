import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from './access.ts';

/** What a child needs of our environment; no token, no key, no setting of wrangler. */
const passed = [
  'PATH',
  'TMPDIR',
  'LANG',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
];

const bare = (home: string): Record<string, string> => {
  const inherited = passed.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), HOME: home, CI: '1', NO_COLOR: '1' };
};

/** For what the commit itself runs: a home of its own, and nothing that opens anything. */
export async function withBareHome<T>(
  work: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-home-'));
  try {
    return await work(bare(home));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** For `npm ci`: our registry, a cache that lives as long as the workspace, and never a user's own settings. */
export const npmEnvironment = (
  home: string,
  cache: string,
  npmrc?: string,
): Record<string, string> => {
  const registry = process.env['npm_config_registry'] ?? process.env['NPM_CONFIG_REGISTRY'];
  return {
    ...bare(home),
    npm_config_cache: cache,
    npm_config_update_notifier: 'false',
    ...(registry === undefined ? {} : { npm_config_registry: registry }),
    ...(npmrc === undefined ? {} : { npm_config_userconfig: npmrc }),
  };
};

/**
 * For wrangler. The address is always set: a `.env` in the repository must not lead the token
 * elsewhere.
 */
export const wranglerEnvironment = (
  home: string,
  records: string,
  { api, account, token }: Access,
): Record<string, string> => ({
  ...bare(home),
  CLOUDFLARE_API_BASE_URL: api,
  CLOUDFLARE_ACCOUNT_ID: account,
  CLOUDFLARE_API_TOKEN: token,
  WRANGLER_OUTPUT_FILE_PATH: records,
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_SANITIZE: 'true',
});
