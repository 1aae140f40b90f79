import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns the cache directory: $XDG_CACHE_HOME/plimsoll, else ~/.cache/plimsoll. bin/node.mjs
 * contains the same code, because bin/node.mjs must run before Node can run TypeScript.
 */
export const cacheDirectory = (env: NodeJS.ProcessEnv = process.env) =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'plimsoll');
