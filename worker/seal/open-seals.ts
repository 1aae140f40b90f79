import { createPublicKey } from 'node:crypto';
import { final } from '../../activities/lib/fail.ts';
import {
  publicSealKeyText,
  readPublicSealKey,
  readSealKey,
} from '../../activities/lib/seal-key.ts';
import { createSeals } from '../../activities/lib/seals.ts';
import type { Seals } from '../../activities/lib/seals.ts';
import type { Config } from '../../domain/config/config.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { isLoopback } from '../config/endpoints.ts';
import { secret } from '../config/secrets.ts';
import { makeKeyFile, readKeyFile, sealKeyPath } from './key-file.ts';
import type { SealKeys } from './key-file.ts';

type Where = {
  env?: NodeJS.ProcessEnv;
  /** The address of the Temporal server, as host:port. Default: a server on this machine. */
  address?: string | undefined;
};
type Sealed = Pick<Config, 'seal' | 'sandbox'>;

/**
 * Opens the seals of a worker. The key comes from `seal` in the configuration, else from the key
 * file of this machine. If this file is missing, makes it, and calls `say` once with a line for
 * people. Throws a final failure of type 'misconfigured' if the key is missing or wrong. Throws the
 * same failure if `seal` is absent and workers on other machines are likely.
 */
export async function openSeals(
  config: Sealed,
  { say, ...where }: Where & { say?: ((line: string) => void) | undefined } = {},
): Promise<Seals> {
  const { env = process.env } = where;
  if (!config.seal) {
    refuseIfShared(where);
    const path = sealKeyPath(config, env);
    if (await makeKeyFile(path)) say?.(made(path));
  }
  const keys = await readSealKeys(config, where);
  if (!keys) throw final(failures.misconfigured, vanished(sealKeyPath(config, env)));
  const listedIn = config.seal ? undefined : 'seal.key';
  return createSeals(keys.key, keys.accepted, listedIn);
}

/**
 * Reads the keys of a worker. Makes no file. Returns null if `seal` is absent and there is no key
 * file yet. Throws the same failures as `openSeals`.
 */
export async function readSealKeys(config: Sealed, where: Where = {}): Promise<SealKeys | null> {
  if (!config.seal) refuseIfShared(where);
  return await keysHere(config, where.env ?? process.env);
}

/**
 * Returns the public keys of the workers that this machine knows. `valid` contains the keys whose
 * seals are valid. `own` is the key that signs, or null if the private key is not on this machine.
 */
export async function publicSealKeys(
  config: Sealed,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ own: string | null; valid: string[] }> {
  const { seal } = config;
  const isHere = !seal || (env[variableOf(seal)] ?? '').trim() !== '';
  const keys = isHere ? await keysHere(config, env) : null;
  if (!keys) return { own: null, valid: seal?.public ?? [] };
  const [own = '', ...accepted] = [keys.key, ...keys.accepted].map(publicSealKeyText);
  return { own, valid: [own, ...accepted] };
}

/** Returns the name of the variable that holds the private key. */
export const variableOf = ({ key }: NonNullable<Config['seal']>): string =>
  key.slice('env:'.length);

const keysHere = async (config: Sealed, env: NodeJS.ProcessEnv) =>
  config.seal ? configuredKeys(config.seal, env) : await readKeyFile(sealKeyPath(config, env));

function configuredKeys(seal: NonNullable<Config['seal']>, env: NodeJS.ProcessEnv): SealKeys {
  const name = variableOf(seal);
  const key = readSealKey(secret(seal.key, env));
  if (!key) throw final(failures.misconfigured, noKeyIn(name));
  const own = publicSealKeyText(createPublicKey(key));
  if (seal.public.length > 0 && !seal.public.includes(own))
    throw final(failures.misconfigured, notListed(name, own));
  const accepted = seal.public.filter((text) => text !== own).map(readPublicSealKey);
  return { key, accepted: accepted.filter((one) => one !== null) };
}

/**
 * Throws if workers on other machines are likely. Those workers would not have the key file of this
 * machine.
 */
function refuseIfShared({ env = process.env, address }: Where) {
  const host = address === undefined ? 'localhost' : hostOfAddress(address);
  if (!isLoopback(host))
    throw final(failures.misconfigured, notShared(`uses Temporal at ${address}`));
  if (env['DATABASE_URL']?.trim())
    throw final(failures.misconfigured, notShared('keeps its ledger in PostgreSQL'));
}

/** Returns the host of an address such as localhost:7233 or [::1]:7233. */
export const hostOfAddress = (address: string): string =>
  address.replace(/:\d+$/, '').replaceAll(/^\[|\]$/g, '');

const made = (path: string) =>
  `Made the key with which the workers of this machine seal plans: ${path}\n` +
  'Deploys that are open need this key. Include it in your backups, and keep it secret.';

const vanished = (path: string) =>
  `The workers' key ${path} was removed while the worker started.\n` +
  `Start the worker again: ${plimsoll} worker`;

const noKeyIn = (name: string) =>
  `The variable ${name}, which "seal" in plimsoll.yaml names, contains no private Ed25519 key, ` +
  'so this worker cannot seal plans.\n' +
  `Make a key: ${plimsoll} seal --new\n` +
  `Set ${name} to the printed value where each worker is started.`;

const notListed = (name: string, own: string) =>
  `The public key of ${name} is not under seal.public in plimsoll.yaml, ` +
  'so other workers and clients would refuse the plans that this worker seals.\n' +
  `Add the public key to seal.public: ${own}\n` +
  `Or set ${name} to the private key of a public key in seal.public.`;

const notShared = (why: string) =>
  `plimsoll.yaml has no key "seal", and this worker ${why}. Workers on other machines may work ` +
  'there too, and all workers must seal plans with the same key.\n' +
  `Make a key, and follow the steps that it prints: ${plimsoll} seal --new`;
