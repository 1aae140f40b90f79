import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Names of the environment variables that a child process inherits from the worker. None of these
 * variables is a token, a key or the setting of a tool.
 */
const passed = [
  'PATH',
  'TMPDIR',
  'LANG',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
];

/**
 * Returns the environment for a child process. `home` is its home directory. The environment
 * contains no credentials.
 */
export const bareEnvironment = (home: string): Record<string, string> => {
  const inherited = passed.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), HOME: home, CI: '1', NO_COLOR: '1' };
};

/**
 * Calls `work` with an environment for a command that runs code of the commit. The home directory
 * is empty, and the environment contains no credentials.
 */
export async function withBareHome<T>(
  work: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-home-'));
  try {
    return await work(bareEnvironment(home));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * Returns the environment for npm, with the worker's registry and the given cache directory.
 * `npmrc` is the path of npm's settings file. npm reads no other user settings.
 */
export const npmEnvironment = (
  home: string,
  cache: string,
  npmrc?: string,
): Record<string, string> => {
  const registry = process.env['npm_config_registry'] ?? process.env['NPM_CONFIG_REGISTRY'];
  return {
    ...bareEnvironment(home),
    npm_config_cache: cache,
    npm_config_update_notifier: 'false',
    // npm would wait 70 s for two retries. Temporal retries the activity anyway.
    npm_config_fetch_retries: '0',
    ...(registry === undefined ? {} : { npm_config_registry: registry }),
    ...(npmrc === undefined ? {} : { npm_config_userconfig: npmrc }),
  };
};
