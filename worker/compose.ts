import { join } from 'node:path';
import { createActivities } from '../activities/index.ts';
import { openLedger } from '../activities/ledger.ts';
import type { Activities } from '../domain/activities.ts';
import type { Config } from '../domain/schema.ts';
import { dataDirectory } from './data-directory.ts';
import { remoteEndpoints } from './endpoints.ts';
import { cacheDirectory } from './engine/cache.ts';
import { secret } from './secrets.ts';

/** Everything behind the worker. Rejects when the ledger cannot be opened or a token is not set. */
export async function composeActivities(
  config: Config,
): Promise<{ activities: Activities; close(): Promise<void> }> {
  for (const { token } of [config.github, config.slack].filter((it) => it !== undefined))
    secret(token);
  const ledger = await openLedger({ path: config.ledger ?? join(dataDirectory(), 'ledger.db') });
  const activities = createActivities({
    config,
    ledger,
    secret,
    workspace: join(cacheDirectory(process.env), 'workspace'),
    remoteEndpoints: remoteEndpoints(config),
  });
  return { activities, close: () => ledger.close() };
}
