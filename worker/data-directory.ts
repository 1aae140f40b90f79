import { homedir } from 'node:os';
import { join } from 'node:path';

/** $XDG_DATA_HOME/plimsoll, else ~/.local/share/plimsoll: what must outlive a cache. */
export const dataDirectory = (env: NodeJS.ProcessEnv = process.env) =>
  join(env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share'), 'plimsoll');
