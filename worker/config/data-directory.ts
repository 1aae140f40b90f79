import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../domain/config/config.ts';

/**
 * Returns the directory for permanent data. This is $XDG_DATA_HOME/plimsoll, else
 * ~/.local/share/plimsoll. A sandbox has its own subdirectory, so that its deploys never appear in
 * a real history.
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
