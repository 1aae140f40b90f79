import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { readStop } from '../../activities/approval/stop.ts';
import { liftCommand, stopWords } from '../../domain/messages/parts/stop.ts';
import type { Config } from '../../domain/config/config.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { publicSealKeys } from '../seal/open-seals.ts';
import { createSealVerifier } from '../../activities/lib/seals.ts';
import { readPublicSealKey } from '../../activities/lib/seal-key.ts';
import { ledgerPlace } from '../config/ledger-place.ts';
import { check } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';

/**
 * Opens the ledger and verifies every row. If there is no ledger file, only its directory is
 * checked.
 */
export const ledger = (config: Config, env: NodeJS.ProcessEnv): Promise<Finding> =>
  check('ledger', async () => {
    const place = ledgerPlace(config, env);
    if ('path' in place && !existsSync(place.path)) return await firstOne(place.path);
    const { valid } = await publicSealKeys(config, env);
    const keys = valid.map(readPublicSealKey).filter((key) => key !== null);
    const opened = await openLedger(place, keys.length > 0 ? createSealVerifier(keys) : undefined);
    try {
      const chain = await opened.verify();
      if (!chain.ok) throw broken(chain);
      const stop = await readStop(opened, config);
      const stopped = stop ? `;\n${stopWords(stop)}. To lift the stop: ${liftCommand}` : '';
      const unchecked = chain.signers || chain.notSealed === chain.entries ? '' : sealsUnchecked;
      return `${'path' in place ? place.path : 'PostgreSQL'}, ${count(chain.entries)}, none changed${unchecked}${stopped}`;
    } finally {
      await opened.close();
    }
  });

async function firstOne(path: string): Promise<string> {
  let parent = dirname(path);
  while (!existsSync(parent)) parent = dirname(parent);
  await access(parent, constants.W_OK).catch(() => {
    throw new UserError(
      `The ledger ${path} cannot be created: this user may not write to ${parent}.\n` +
        `Name another file under "ledger" in plimsoll.yaml, or check the permissions: ls -ld ${parent}`,
    );
  });
  return `there is no ledger yet; the first worker creates ${path}`;
}

const broken = ({ why }: { why: string }) =>
  new UserError(
    `The ledger was changed after it was written: ${why}. Its proofs and quarantines cannot be trusted.\n` +
      'Stop the worker and restore the last good copy of the file (docs/ledger.md).',
  );

const sealsUnchecked = `; the seals were not checked: no public key is known here (${plimsoll} seal)`;

const count = (entries: number) => (entries === 1 ? '1 entry' : `${entries} entries`);
