import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { isKeyText } from './key-file.ts';

export type IdentityOptions = { as?: string; key?: string };
export type Identity = { name: string; keyPath: string };

/**
 * Who signs with which key: options, PLIMSOLL_AS and PLIMSOLL_KEY (a path, or the key itself), else the OS
 * user and their usual key. UserError: a key as an option.
 */
export function identity({ env }: Io, { as, key }: IdentityOptions): Identity {
  if (key !== undefined && isKeyText(key)) throw keyInSight();
  return {
    name: as ?? env['PLIMSOLL_AS'] ?? userInfo().username,
    keyPath: key ?? env['PLIMSOLL_KEY'] ?? join(env['HOME'] || homedir(), '.ssh', 'id_ed25519'),
  };
}

const keyInSight = () =>
  new UserError(
    '--key wants the path of a private key, not the key: every process of this machine could read it there.\n' +
      'Make a new key, and put its text into the environment: PLIMSOLL_KEY',
    exitCodes.usage,
  );
