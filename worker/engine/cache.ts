import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The cache directory: $XDG_CACHE_HOME/plimsoll, else ~/.cache/plimsoll. bin/node.mjs contains the
 * same code, because it must run before Node can run TypeScript.
 */
export const cacheDirectory = (env: NodeJS.ProcessEnv = process.env) =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'plimsoll');
