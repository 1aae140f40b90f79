import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openLedger } from '../../activities/ledger.ts';
import { readStop } from '../../activities/ledger/stop.ts';
import { liftCommand, stopWords } from '../../domain/policy/stop.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { ledgerPlace } from '../ledger-place.ts';
import { check } from './finding.ts';
import type { Finding } from './finding.ts';

/** Opens and verifies every row; makes no ledger where there is none yet. */
export const ledger = (config: Config, env: NodeJS.ProcessEnv): Promise<Finding> =>
  check('ledger', async () => {
    const place = ledgerPlace(config, env);
    if ('path' in place && !existsSync(place.path)) return await firstOne(place.path);
    const opened = await openLedger(place);
    try {
      const chain = await opened.verify();
      if (!chain.ok) throw broken(chain);
      const stop = await readStop(opened, config);
      const stopped = stop ? `;\n${stopWords(stop)}. Lift it: ${liftCommand}` : '';
      return `${'path' in place ? place.path : 'PostgreSQL'}, ${count(chain.entries)}, none changed${stopped}`;
    } finally {
      await opened.close();
    }
  });

async function firstOne(path: string): Promise<string> {
  let parent = dirname(path);
  while (!existsSync(parent)) parent = dirname(parent);
  await access(parent, constants.W_OK).catch(() => {
    throw new UserError(
      `The ledger ${path} cannot be made: ${parent} is not writable for this user.\n` +
        `Name another file as ledger: in plimsoll.yaml, or allow it: ls -ld ${parent}`,
    );
  });
  return `none yet; the first worker makes ${path}`;
}

const broken = ({ why }: { why: string }) =>
  new UserError(
    `The ledger is not what was written: ${why}. Its proofs and quarantines cannot be trusted.\n` +
      'Stop the worker and put back the last good copy of the file (docs/ledger.md).',
  );

const count = (entries: number) => (entries === 1 ? '1 entry' : `${entries} entries`);
