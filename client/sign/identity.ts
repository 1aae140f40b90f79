import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { isKeyText } from './key-file.ts';

export type IdentityOptions = { as?: string; key?: string };
export type Identity = { name: string; keyPath: string };

/**
 * Returns the name and the key of the person who signs. They come from the options, else from
 * PLIMSOLL_AS and PLIMSOLL_KEY (a path, or the text of a key). The defaults are the OS user and
 * ~/.ssh/id_ed25519. Throws a UserError if the option --key contains the text of a key.
 */
export function identity({ env }: Io, { as, key }: IdentityOptions): Identity {
  if (key !== undefined && isKeyText(key)) throw keyAsText();
  return {
    name: as ?? env['PLIMSOLL_AS'] ?? userInfo().username,
    keyPath: key ?? env['PLIMSOLL_KEY'] ?? join(env['HOME'] || homedir(), '.ssh', 'id_ed25519'),
  };
}

const keyAsText = () =>
  new UserError(
    '--key takes the path of a private key, not the key itself. Every process on this machine can read an option.\n' +
      'Make a new key, and put its text into the variable PLIMSOLL_KEY.',
    exitCodes.usage,
  );
