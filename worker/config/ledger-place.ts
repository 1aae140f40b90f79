import { join } from 'node:path';
import type { LedgerPlace } from '../../activities/ledger/ledger.ts';
import { readPostgresAddress } from '../../activities/ledger/postgres-address.ts';
import { final } from '../../activities/lib/fail.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Config } from '../../domain/config/config.ts';
import { dataDirectory } from './data-directory.ts';
import { isLoopback } from './endpoints.ts';

/**
 * Returns the place of the ledger. If DATABASE_URL is set, this is the PostgreSQL database in it.
 * If not, it is the configured file. Several workers need PostgreSQL. Throws a final failure of
 * type 'misconfigured' if a sandbox would write to a database on another machine.
 */
export function ledgerPlace(
  config: Pick<Config, 'ledger' | 'sandbox'>,
  env: NodeJS.ProcessEnv = process.env,
): LedgerPlace {
  const url = env['DATABASE_URL']?.trim();
  if (!url) return { path: config.ledger ?? join(dataDirectory(config), 'ledger.db') };
  const { host, place } = readPostgresAddress(url, env);
  if (config.sandbox && !isLoopback(host)) throw sandboxElsewhere(place);
  return { url };
}

const sandboxElsewhere = (place: string) =>
  final(
    failures.misconfigured,
    `DATABASE_URL names the ledger ${place} on another machine. ` +
      'This configuration is a sandbox, and its deploys must not be mixed with real deploys.\n' +
      'Unset DATABASE_URL to keep the ledger in a file: env -u DATABASE_URL plimsoll worker',
  );
