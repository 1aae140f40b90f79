import { join } from 'node:path';
import { createActivities } from '../activities/index.ts';
import { proveBridge } from '../activities/approval/bridge-key.ts';
import { openLedger } from '../activities/ledger.ts';
import type { Ledger } from '../activities/ledger.ts';
import { proveSigner } from '../activities/push/sign.ts';
import { createSshPool } from '../activities/ssh.ts';
import type { ExecutionOf } from '../activities/reconcile.ts';
import type { LastSentinel } from '../activities/sentinel.ts';
import type { Activities } from '../domain/activities.ts';
import type { Config } from '../domain/schema.ts';
import { remoteEndpoints } from './endpoints.ts';
import { cacheDirectory } from './engine/cache.ts';
import { ledgerPlace } from './ledger-place.ts';
import { secret, secretRefs } from './secrets.ts';

/** Everything behind the worker. Rejects when the ledger cannot be opened or a token is not set. */
export async function composeActivities(
  config: Config,
  server: { executionOf?: ExecutionOf; lastSentinel?: LastSentinel } = {},
): Promise<{ activities: Activities; ledger: Ledger; close(): Promise<void> }> {
  // Told at the start, not at 3 a.m.
  for (const ref of secretRefs(config)) secret(ref);
  await proveSigner(config);
  await proveBridge(config);
  const ledger = await openLedger(ledgerPlace(config));
  const pool = createSshPool();
  const activities = createActivities({
    config,
    ledger,
    secret,
    workspace: join(cacheDirectory(process.env), 'workspace'),
    ssh: pool.withSsh,
    remoteEndpoints: remoteEndpoints(config),
    ...server,
  });
  const close = async () => {
    pool.close();
    await ledger.close();
  };
  return { activities, ledger, close };
}
