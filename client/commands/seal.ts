import { existsSync } from 'node:fs';
import type { Config } from '../../domain/config/config.ts';
import { newKeySteps, rotatedText, sealText } from '../../domain/messages/seal.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { configured } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Set up',
  order: 5,
  summary: 'show, make or rotate the key with which the workers seal plans',
};

export const verb: Verb = (command, execute) =>
  configured(command)
    .option('--new', 'print a new private key, and the steps to use it; changes nothing')
    .option(
      '--rotate',
      'put a new key into the key file of this machine, if seal: is not in plimsoll.yaml',
    )
    .action((options) => execute((io) => seal(io, options)));

export type SealOptions = { config: string; new?: boolean; rotate?: boolean };

/**
 * Shows the public keys of the workers of this machine. With `new`, prints a new private key. With
 * `rotate`, writes a new key into the key file of this machine.
 */
export async function seal(io: Io, options: SealOptions): Promise<number> {
  const config = await configAt(options.config);
  if (options.new) return await printNew(io, config);
  if (options.rotate) return await rotate(io, config);
  return await show(io, config);
}

/**
 * Returns the settings about seals. The file may be missing, because people may make the key before
 * they write plimsoll.yaml.
 */
async function configAt(path: string): Promise<Sealing> {
  if (!existsSync(path) && path === 'plimsoll.yaml') return { sandbox: false };
  const { loadConfig } = await import('../../worker/config/config.ts');
  return await loadConfig(path);
}

type Sealing = Pick<Config, 'seal' | 'sandbox'>;

async function printNew(io: Io, config: Sealing): Promise<number> {
  const { newSealKey } = await import('../../worker/seal/new-key.ts');
  const { publicSealKeys, variableOf } = await import('../../worker/seal/open-seals.ts');
  const variable = config.seal ? variableOf(config.seal) : 'PLIMSOLL_SEAL';
  const { valid } = await publicSealKeys(config, io.env);
  const { key, publicKey } = newSealKey();
  io.data({ variable, key, public: publicKey }, `${variable}=${key}`);
  io.say(newKeySteps(variable, { fresh: publicKey, earlier: valid }));
  return exitCodes.ok;
}

async function rotate(io: Io, config: Sealing): Promise<number> {
  const { rotateKeyFile, sealKeyPath } = await import('../../worker/seal/key-file.ts');
  if (config.seal) throw configuredAlready();
  const path = sealKeyPath(config, io.env);
  const fresh = await rotateKeyFile(path);
  io.data({ path, public: fresh }, rotatedText(path, fresh));
  return exitCodes.ok;
}

async function show(io: Io, config: Sealing): Promise<number> {
  const { publicSealKeys, variableOf } = await import('../../worker/seal/open-seals.ts');
  const { sealKeyPath } = await import('../../worker/seal/key-file.ts');
  const from = config.seal ? variableOf(config.seal) : sealKeyPath(config, io.env);
  const { own, valid } = await publicSealKeys(config, io.env);
  if (valid.length === 0) throw noKeyYet(from);
  const unlisted = config.seal?.public.length === 0 ? variableOf(config.seal) : null;
  io.data({ from, own, valid }, sealText(from, { own, valid, unlisted }));
  return exitCodes.ok;
}

const configuredAlready = () =>
  new UserError(
    'plimsoll.yaml has the key "seal", so the workers do not use a key file. Nothing was changed.\n' +
      `Make a new key, and follow the steps that are printed: ${plimsoll} seal --new`,
    exitCodes.usage,
  );

const noKeyYet = (from: string) =>
  new UserError(
    `There is no key of the workers in ${from} yet.\n` +
      `On one machine, the first worker makes it: ${plimsoll} up\n` +
      `For several workers, make a key: ${plimsoll} seal --new`,
    exitCodes.failed,
  );
