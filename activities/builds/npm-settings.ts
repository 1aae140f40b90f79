import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { askChild } from '../lib/child.ts';
import { childEnvironment } from '../lib/child-environment.ts';
import { programIn } from './choose.ts';

const registry = /^\s*(?:@[^:\s]+:)?registry\s*=\s*(\S+)/gm;

/**
 * Returns the hosts of the registries in the worker's own settings, each as "host:port". These
 * settings are npm's default, npm's variable, npm's settings for the whole machine, and the file
 * `npmrc`. The files of a commit do not count. A build may reach these hosts even if their
 * addresses are private.
 */
export async function registryHosts(
  npmrc: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const npm = programIn(env, 'npm');
  const files = [npm && join(dirname(dirname(npm)), 'etc', 'npmrc'), '/etc/npmrc', npmrc];
  const texts = await Promise.all(
    files.map(async (file) => (file ? readFile(file, 'utf8').catch(() => '') : '')),
  );
  const named = texts.flatMap((text) => [...text.matchAll(registry)].map(([, url = '']) => url));
  const variable = env['npm_config_registry'] ?? env['NPM_CONFIG_REGISTRY'];
  const usual = npm === null ? '' : await defaultOf(npm, env);
  return [usual, ...(variable === undefined ? [] : [variable]), ...named].flatMap(hostOf);
}

const defaults = new Map<string, Promise<string>>();

/**
 * Asks npm once for the registry that it uses without any settings. Returns '' without an answer.
 * With `prefix`, npm does not read the .npmrc of the directory in which this worker runs. This
 * directory may be a clone, and the files of a commit do not count.
 */
function defaultOf(npm: string, env: NodeJS.ProcessEnv): Promise<string> {
  const none = ['userconfig', 'globalconfig', 'prefix'].map(
    (key) => `--${key}=/nonexistent/plimsoll-${key}`,
  );
  const asked =
    defaults.get(npm) ??
    askChild(npm, ['config', 'get', 'registry', ...none], { env: childEnvironment({}, env) }).then(
      ({ code, text }) => (code === 0 ? (text.split('\n')[0] ?? '').trim() : ''),
    );
  defaults.set(npm, asked);
  // A busy machine may not answer in time. The next build asks again.
  void asked.then((url) => url === '' && defaults.delete(npm));
  return asked;
}

function hostOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { hostname, port, protocol } = new URL(text);
  return [`${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`];
}

/**
 * The keys that a commit's .npmrc may contain while npm uses the worker's npmrc. Any other key
 * could make npm run a program, or send the token of the worker's npmrc to another server.
 */
const harmless =
  /^(?:(?:@[^:\s]+:)?registry|save-exact|save-prefix|engine-strict|legacy-peer-deps|strict-peer-deps|prefer-dedupe|package-lock|lockfile-version|install-strategy|audit|fund|loglevel|progress|omit|include|workspaces|tag)$/;

/** Returns the keys of a commit's .npmrc that are not allowed together with the worker's npmrc. */
export const dangerousKeys = (text: string): string[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const key = (line.split('=')[0] ?? '').trim().replace(/\[\]$/, '');
    return key === '' || /^[#;]/.test(key) || harmless.test(key) ? [] : [key];
  });
