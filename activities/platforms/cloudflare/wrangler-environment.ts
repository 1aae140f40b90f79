import { jobEnvironment } from '../../lib/hermetic.ts';
import type { Access } from './api/access.ts';

/**
 * Returns the environment variables for a wrangler without a token. With OPEN_NEXT_DEPLOY, wrangler
 * does not call `opennextjs-cloudflare deploy`, which is code of the commit.
 */
export const bundlerEnvironment = (): Record<string, string> => ({
  ...jobEnvironment(),
  OPEN_NEXT_DEPLOY: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_SANITIZE: 'true',
});

/**
 * Returns the environment variables for a wrangler that changes the Worker. The address of the API
 * is always set. So no file can send the token to another address.
 */
export const wranglerEnvironment = (
  records: string,
  { api, account, token }: Access,
): Record<string, string> => ({
  ...bundlerEnvironment(),
  CLOUDFLARE_API_BASE_URL: api,
  CLOUDFLARE_ACCOUNT_ID: account,
  CLOUDFLARE_API_TOKEN: token,
  WRANGLER_OUTPUT_FILE_PATH: records,
});
