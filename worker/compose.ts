import { join } from 'node:path';
import { createAnchor } from '../activities/anchor/anchor.ts';
import type { Anchor } from '../activities/anchor/anchor.ts';
import { repositoryToken } from '../activities/github/installation-token.ts';
import { createActivities } from '../activities/index.ts';
import { proveBridge } from '../activities/approval/bridge-key.ts';
import { openLedger } from '../activities/ledger/ledger.ts';
import type { Seals } from '../activities/lib/seals.ts';
import type { Ledger } from '../activities/ledger/types.ts';
import { proveSigner } from '../activities/approval/signatures/sign.ts';
import type { Locks } from '../activities/records/free-locks.ts';
import type { ExecutionOf } from '../activities/records/reconcile.ts';
import type { LastDriftReport } from '../activities/drift/drift.ts';
import type { Activities } from '../domain/contract/activities.ts';
import type { Config } from '../domain/config/config.ts';
import { privateDirectory } from '../activities/lib/private-files.ts';
import { dataDirectory } from './config/data-directory.ts';
import { remoteEndpoints } from './config/endpoints.ts';
import { cacheDirectory } from './engine/cache.ts';
import { ledgerPlace } from './config/ledger-place.ts';
import { configuredSecret } from './config/configured-secret.ts';
import { refuseWrittenSecrets, secretRefs, secret as readSecret } from './config/secrets.ts';
import { openSeals } from './seal/open-seals.ts';

type Surroundings = {
  executionOf?: ExecutionOf;
  lastDriftReport?: LastDriftReport;
  locks?: Locks;
  /** The address of the Temporal server, as host:port. Default: a server on this machine. */
  address?: string | undefined;
  /** Receives lines for people. */
  warn?: (line: string) => void;
};

/**
 * Makes the activities, the ledger and the seals of a worker. Also returns a function that closes
 * all of them. Rejects if a token is not set, if a key cannot sign, or if the ledger cannot be
 * opened.
 */
export async function composeActivities(
  config: Config,
  { address, warn, ...server }: Surroundings = {},
): Promise<{
  activities: Activities;
  ledger: Ledger;
  anchor: Anchor | null;
  seals: Seals;
  close(): Promise<void>;
}> {
  // All tokens are read at the start of the worker. So a missing token is reported now, and not
  // during a deploy at night.
  for (const ref of secretRefs(config)) readSecret(ref);
  const secret = configuredSecret(config);
  refuseWrittenSecrets(config);
  const workspace = join(cacheDirectory(process.env), 'workspace');
  // These directories contain checkouts of private repositories, the ledger and the key of the
  // seals.
  for (const directory of [workspace, dataDirectory(config)]) privateDirectory(directory);
  const seals = await openSeals(config, { address, say: warn });
  await proveSigner(config);
  await proveBridge(config);
  const ledger = await openLedger(ledgerPlace(config), seals);
  const { activities, close: closePlatforms } = createActivities({
    config,
    ledger,
    secret,
    seals,
    workspace,
    remoteEndpoints: remoteEndpoints(config),
    ...server,
  });
  const close = async () => {
    closePlatforms();
    await ledger.close();
  };
  const anchor = createAnchor(config, { secret, token: repositoryToken(config, secret) });
  return { activities, ledger, anchor, seals, close };
}
