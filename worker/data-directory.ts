import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../domain/schema.ts';

/**
 * $XDG_DATA_HOME/plimsoll, else ~/.local/share/plimsoll: what must outlive a cache. A sandbox has a directory
 * of its own in it: what was only played must not be found in a real history.
 */
export const dataDirectory = (
  { sandbox }: Pick<Config, 'sandbox'>,
  env: NodeJS.ProcessEnv = process.env,
) =>
  join(
    env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share'),
    'plimsoll',
    sandbox ? 'sandbox' : '',
  );
