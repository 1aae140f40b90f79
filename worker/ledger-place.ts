import { join } from 'node:path';
import type { LedgerPlace } from '../activities/ledger.ts';
import { readPostgresAddress } from '../activities/ledger/postgres-address.ts';
import { final } from '../activities/lib/fail.ts';
import { failures } from '../domain/failures.ts';
import type { Config } from '../domain/schema.ts';
import { dataDirectory } from './data-directory.ts';
import { isLoopback } from './endpoints.ts';

/**
 * PostgreSQL where DATABASE_URL names one, for several workers; else the file of the configuration.
 * Final misconfigured: a sandbox that would write to another machine.
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
    `DATABASE_URL names the ledger ${place}, which is not on this machine; ` +
      'this configuration is a sandbox, whose deploys must not be mixed with real ones.\n' +
      'Unset DATABASE_URL to keep its ledger in a file: env -u DATABASE_URL npx --no plimsoll worker',
  );
