import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { final } from '../../activities/lib/fail.ts';
import {
  publicSealKeyText,
  readPublicSealKey,
  readSealKey,
} from '../../activities/lib/seal-key.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { dataDirectory } from '../config/data-directory.ts';
import { newSealKey } from './new-key.ts';

/** The private key that signs, and the further public keys whose seals are valid. */
export type SealKeys = { key: KeyObject; accepted: KeyObject[] };

/**
 * Returns the path of the key file. All workers of this machine share this file if the
 * configuration has no `seal`.
 */
export const sealKeyPath = (
  config: Pick<Config, 'sandbox'>,
  env: NodeJS.ProcessEnv = process.env,
): string => join(dataDirectory(config, env), 'seal.key');

/**
 * Reads a key file. Lines with '#' are comments. The first other line is the private key that
 * signs. Each further line is a public key whose seals are valid. Returns null if the file does not
 * exist. Throws a final failure of type 'misconfigured' if other users may read the file, or if the
 * file is not a key file.
 */
export async function readKeyFile(path: string): Promise<SealKeys | null> {
  const text = await readPrivately(path);
  if (text === null) return null;
  const [first = '', ...others] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const key = readSealKey(first);
  const accepted = others.map(readPublicSealKey);
  if (!key || accepted.includes(null)) throw final(failures.misconfigured, noKeyIn(path));
  return { key, accepted: accepted.filter((one) => one !== null) };
}

/**
 * Makes a key file with a new key, with mode 0600, in a directory with mode 0700. Does nothing if
 * the file exists already. So all workers that start at the same time read the same key. Returns
 * true if this call made the file.
 */
export async function makeKeyFile(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path)) return false;
  return await linkNew(path, await writeBeside(path, [newSealKey().key]));
}

/**
 * Puts a new key into an existing key file. Seals of the earlier key stay valid, because its public
 * key stays in the file. Returns the new public key. Throws a final failure of type 'misconfigured'
 * if there is no key file.
 */
export async function rotateKeyFile(path: string): Promise<string> {
  const keys = await readKeyFile(path);
  if (!keys) throw final(failures.misconfigured, nothingToRotate(path));
  const { key, publicKey } = newSealKey();
  const accepted = [...keys.accepted, keys.key].map(publicSealKeyText);
  await rename(await writeBeside(path, [key, ...accepted]), path);
  return publicKey;
}

const heading =
  '# The key with which the Plimsoll workers of this machine seal plans. Keep it secret.';

/**
 * Puts the complete file at `path`. A hard link either fails or creates the complete file, so no
 * worker reads an incomplete key.
 */
async function linkNew(path: string, own: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  } finally {
    await rm(own, { force: true });
  }
}

/** Writes a complete key file next to `path`, with mode 0600. Returns its path. */
async function writeBeside(path: string, lines: string[]): Promise<string> {
  const own = `${path}.${process.pid}.${randomUUID()}`;
  const file = await open(own, 'wx', 0o600);
  try {
    await file.writeFile(`${[heading, ...lines].join('\n')}\n`);
    await file.sync();
    return own;
  } finally {
    await file.close();
  }
}

async function readPrivately(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw final(failures.misconfigured, unreadable(path, cause.code));
  });
  if (!file) return null;
  try {
    const { mode, uid } = await file.stat();
    const me = process.getuid?.();
    const isOurs = me === undefined || uid === me || uid === 0;
    if (!isOurs || (mode & 0o077) !== 0) throw final(failures.misconfigured, tooOpen(path));
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

const unreadable = (path: string, code = 'unknown error') =>
  `The workers' key ${path} cannot be read (${code}).\nSee why: ls -l ${path}`;

const nothingToRotate = (path: string) =>
  `There is no key file ${path}, so there is no key to rotate. Nothing was changed.\n` +
  `The first worker of this machine makes the key: ${plimsoll} up`;

const tooOpen = (path: string) =>
  `Other users of this machine may read or replace the workers' key ${path}, ` +
  'so they could seal a plan that no worker made.\n' +
  `Remove the file, and the next worker makes a new key: rm ${path}\n` +
  `If no other user works on this machine, you may keep it: chmod 600 ${path} && chown $(id -u) ${path}`;

const noKeyIn = (path: string) =>
  `${path} is not a key file of the workers: it must contain a private Ed25519 key, ` +
  'then one public key on each line.\n' +
  `Restore the file, or remove it, and the next worker makes a new key: rm ${path}\n` +
  'With a new key, deploys that are open now cannot continue.';
