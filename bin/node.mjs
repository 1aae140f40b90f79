// This file runs before a newer Node and the dependencies are installed. So it must run on Node 20
// without dependencies.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { indent, npm, userError, withDots } from './npm.mjs';

/**
 * The oldest Node version that can run the sources. From this version on, Node strips types without
 * a flag.
 */
export const wanted = '22.18.0';

/** Returns the cache directory: $XDG_CACHE_HOME/plimsoll, else ~/.cache/plimsoll. */
export const cacheDirectory = (env = process.env) =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'plimsoll');

export const isNewEnough = (version) => {
  const [have, need] = [version, wanted].map((text) => text.split('.').map(Number));
  return have[0] !== need[0] ? have[0] > need[0] : have[1] >= need[1];
};

/**
 * Returns the path of a Node that can run the sources. This is the running Node, the cached Node,
 * or a new Node from npm. Rejects with a UserError that names every way to install Node.
 */
export async function ensureNode({
  version = process.versions.node,
  execPath = process.execPath,
  env = process.env,
  say = (text) => void process.stderr.write(text),
} = {}) {
  if (isNewEnough(version)) return execPath;
  const home = join(cacheDirectory(env), 'node');
  if (!cachedVersion(home)) await install(home, { version, env, say });
  return binary(home);
}

const binary = (home) => join(home, 'node_modules', '.bin', 'node');

function cachedVersion(home) {
  try {
    const manifest = readFileSync(join(home, 'node_modules', 'node', 'package.json'), 'utf8');
    const { version } = JSON.parse(manifest);
    return isNewEnough(version) && existsSync(binary(home)) ? version : undefined;
  } catch {
    return undefined;
  }
}

async function install(home, { version, env, say }) {
  const text = `This is Node ${version}; fetching Node 24 from npm into ${home}`;
  try {
    await withDots(text, say, () => fetchInto(home, env));
  } catch (cause) {
    throw userError(howToGetNode(version, cause.message), cause);
  }
}

async function fetchInto(home, env) {
  await mkdir(dirname(home), { recursive: true });
  const beside = await mkdtemp(join(dirname(home), '.node-'));
  try {
    // An empty package.json stops npm from using the package.json of a parent directory.
    await writeFile(join(beside, 'package.json'), '{}');
    // The install script of the package `node` installs the binary. So it must run, even if npmrc
    // turns install scripts off.
    const args = ['install', '--prefix', beside, '--ignore-scripts=false', 'node@24'];
    await npm(args, { cwd: beside, env });
    await takeOver(beside, home);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/**
 * Moves the downloaded Node to `home`. If another command has already put a complete Node there,
 * keeps that Node.
 */
async function takeOver(beside, home) {
  if (!cachedVersion(beside)) throw new Error('npm installed no node binary for this machine');
  if (cachedVersion(home)) return;
  await rm(home, { recursive: true, force: true });
  await rename(beside, home).catch((cause) => {
    if (!cachedVersion(home)) throw cause;
  });
}

const howToGetNode = (version, reason) =>
  `Plimsoll needs Node 22.18 or newer. This is Node ${version}, and fetching Node 24 from npm failed:
${indent(reason)}
Install it in one of these ways, then run the same command again:
  npm      let npm reach its registry (package "node"): npm view node@24 version
  nvm      nvm install 24
  fnm      fnm install 24
  volta    volta install node@24
  mise     mise use --global node@24
  system   your package manager, or the installer of nodejs.org`;
