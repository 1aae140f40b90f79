import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { inherited } from './child-environment.ts';

/**
 * Names of the environment variables that a child process inherits from the worker. None of these
 * variables is a token, a key or the setting of a tool.
 */
const plain = ['LANG', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
const passed = [
  ...['PATH', 'TMPDIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
  ...['http_proxy', 'https_proxy', 'no_proxy'],
];

/** Returns the environment variables for a job of a builder. The builder adds paths and proxies. */
export const jobEnvironment = (): Record<string, string> => ({
  ...inherited(plain),
  CI: '1',
  NO_COLOR: '1',
});

/**
 * Returns the environment variables for a program that handles files of a commit, without any
 * credentials. `home` is its home directory.
 */
export const bareEnvironment = (home: string): Record<string, string> => ({
  ...inherited(passed),
  ...jobEnvironment(),
  HOME: home,
});

/**
 * Returns a variable for a Node program. With this variable, the program keeps its compiled sources
 * in the same place as this process. So wrangler starts in two thirds of the processor time.
 * Returns `{}` if this process keeps no compiled sources.
 */
export function compiledSources(): Record<string, string> {
  // To this path, Node adds a directory for its version and its user.
  const own = getCompileCacheDir();
  return own === undefined ? {} : { NODE_COMPILE_CACHE: dirname(own) };
}

/**
 * Returns npm's settings as environment variables: the worker's registry and the given cache
 * directory. `npmrc` is the path of npm's settings file. npm reads no other user settings.
 */
export const npmSettings = (cache: string, npmrc?: string): Record<string, string> => {
  const registry = process.env['npm_config_registry'] ?? process.env['NPM_CONFIG_REGISTRY'];
  return {
    npm_config_cache: cache,
    npm_config_update_notifier: 'false',
    // npm would wait 70 s for two retries. Temporal retries the activity anyway.
    npm_config_fetch_retries: '0',
    ...(registry === undefined ? {} : { npm_config_registry: registry }),
    ...(npmrc === undefined ? {} : { npm_config_userconfig: npmrc }),
  };
};

/** Returns the environment for npm outside of a builder. */
export const npmEnvironment = (home: string, cache: string): Record<string, string> => ({
  ...bareEnvironment(home),
  ...npmSettings(cache),
});
