import { check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import type { Config } from '../../domain/config/config.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { sealKeyPath } from '../seal/key-file.ts';
import { readSealKeys, variableOf } from '../seal/open-seals.ts';
import { isSet } from './secrets.ts';

/**
 * Checks the key with which a worker of this configuration would seal plans. `address` is the
 * address of the Temporal server, as host:port. Makes no key.
 */
export async function seal(
  config: Pick<Config, 'seal' | 'sandbox'>,
  { env, address }: { env: NodeJS.ProcessEnv; address: string | undefined },
): Promise<Finding> {
  if (config.seal && !isSet(config.seal.key, env))
    return unchecked('seal', variableOf(config.seal));
  return await check('seal', async () => {
    const from = config.seal ? variableOf(config.seal) : sealKeyPath(config, env);
    const keys = await readSealKeys(config, { env, address });
    if (!keys) return `there is no key yet; the first worker makes ${from}`;
    const clients =
      config.seal && config.seal.public.length === 0
        ? `; clients cannot check seals: add the lines that this prints: ${plimsoll} seal`
        : '';
    return `workers seal with the key in ${from}${clients}`;
  });
}
