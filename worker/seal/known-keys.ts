import { existsSync } from 'node:fs';
import { readPublicSealKey } from '../../activities/lib/seal-key.ts';
import { loadConfig } from '../config/config.ts';
import { sealKeyPath } from './key-file.ts';
import { publicSealKeys } from './open-seals.ts';

/**
 * The public keys of the workers that a client knows. `from` tells people where the keys were
 * found.
 */
export type KnownKeys = { keys: string[]; from: string };

/** The variable with the public keys of the workers, for machines without plimsoll.yaml. */
export const publicVariable = 'PLIMSOLL_SEAL_PUBLIC';

type Where = {
  env: NodeJS.ProcessEnv;
  /** The path of plimsoll.yaml. The file may be missing. */
  configPath?: string;
  /**
   * True if Temporal runs on this machine. In this case the workers may use the key file of this
   * user.
   */
  local: boolean;
};

/**
 * Finds the public keys with which a client checks seals. Looks in PLIMSOLL_SEAL_PUBLIC, then in
 * plimsoll.yaml in this directory, then in the key file of this user. Returns the keys and the
 * place where they were found, or null if there are none. Returns `bad` if the place contains no
 * valid key.
 */
export async function knownKeys({
  env,
  configPath = 'plimsoll.yaml',
  local,
}: Where): Promise<KnownKeys | { bad: string } | null> {
  const given = env[publicVariable]?.trim();
  if (given) return keysIn(given);
  if (!existsSync(configPath)) return null;
  const config = await loadConfig(configPath).catch(() => null);
  if (!config || (!config.seal && !local)) return null;
  if (config.seal && config.seal.public.length === 0) return null;
  const { valid } = await publicSealKeys(config, config.seal ? {} : env).catch(() => none);
  const from = config.seal ? configPath : sealKeyPath(config, env);
  return valid.length === 0 ? null : { keys: valid, from };
}

const none = { valid: [] as string[] };

function keysIn(text: string): KnownKeys | { bad: string } {
  const keys = text.split(/[\s,]+/);
  const isBad = keys.some((key) => readPublicSealKey(key) === null);
  return isBad ? { bad: publicVariable } : { keys, from: publicVariable };
}
