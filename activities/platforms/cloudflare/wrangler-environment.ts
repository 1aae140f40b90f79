import { bareEnvironment } from '../../lib/hermetic.ts';
import type { Access } from './api/access.ts';

/**
 * Returns the environment variables for wrangler. The address of the API is always set. So a `.env`
 * file in the repository cannot send the token to another address. With OPEN_NEXT_DEPLOY, wrangler
 * does not call `opennextjs-cloudflare deploy`. This command is code of the commit and would get
 * the token.
 */
export const wranglerEnvironment = (
  home: string,
  records: string,
  { api, account, token }: Access,
): Record<string, string> => ({
  ...bareEnvironment(home),
  CLOUDFLARE_API_BASE_URL: api,
  CLOUDFLARE_ACCOUNT_ID: account,
  CLOUDFLARE_API_TOKEN: token,
  WRANGLER_OUTPUT_FILE_PATH: records,
  OPEN_NEXT_DEPLOY: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_SANITIZE: 'true',
});
