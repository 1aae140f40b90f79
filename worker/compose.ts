import { join } from 'node:path';
import { createActivities } from '../activities/index.ts';
import { proveBridge } from '../activities/approval/bridge-key.ts';
import { openLedger } from '../activities/ledger/ledger.ts';
import type { Ledger } from '../activities/ledger/types.ts';
import { proveSigner } from '../activities/approval/signatures/sign.ts';
import type { ExecutionOf } from '../activities/records/reconcile.ts';
import type { LastDriftReport } from '../activities/drift/drift.ts';
import type { Activities } from '../domain/contract/activities.ts';
import type { Config } from '../domain/config/config.ts';
import { privateDirectory } from '../activities/lib/private-files.ts';
import { dataDirectory } from './config/data-directory.ts';
import { remoteEndpoints } from './config/endpoints.ts';
import { cacheDirectory } from './engine/cache.ts';
import { ledgerPlace } from './config/ledger-place.ts';
import { secret, secretRefs } from './config/secrets.ts';

/**
 * Makes the activities and the ledger of a worker, and a function that closes both. Rejects if a
 * token is not set, if a key cannot sign, or if the ledger cannot be opened.
 */
export async function composeActivities(
  config: Config,
  server: { executionOf?: ExecutionOf; lastDriftReport?: LastDriftReport } = {},
): Promise<{ activities: Activities; ledger: Ledger; close(): Promise<void> }> {
  // Read every token now, so that a missing token is reported when the worker starts, and not
  // during a deploy at night.
  for (const ref of secretRefs(config)) secret(ref);
  await proveSigner(config);
  await proveBridge(config);
  const workspace = join(cacheDirectory(process.env), 'workspace');
  // Mirrors and checkouts of private repositories lie here, and the ledger in the data directory.
  for (const directory of [workspace, dataDirectory(config)]) privateDirectory(directory);
  const ledger = await openLedger(ledgerPlace(config));
  const { activities, close: closePlatforms } = createActivities({
    config,
    ledger,
    secret,
    workspace,
    remoteEndpoints: remoteEndpoints(config),
    ...server,
  });
  const close = async () => {
    closePlatforms();
    await ledger.close();
  };
  return { activities, ledger, close };
}
