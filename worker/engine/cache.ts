import { homedir } from 'node:os';
import { join } from 'node:path';

/** $XDG_CACHE_HOME/plimsoll, else ~/.cache/plimsoll; bin/node.mjs says the same before any source can run. */
export const cacheDirectory = (env: NodeJS.ProcessEnv = process.env) =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'plimsoll');
