import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { indent, npm, userError, withDots } from './npm.mjs';

const here = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs `npm ci` if node_modules does not match package-lock.json. If node_modules matches, only
 * computes one hash. Call this function in the Node that will run the sources.
 */
export async function ensureDependencies({
  root = here,
  env = process.env,
  say = (text) => void process.stderr.write(text),
} = {}) {
  const lockfile = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  if (stampOf(root) !== wanted) await bring(root, lockfile, wanted, { env, say });
  linkBin(root);
}

const stampFile = (root) => join(root, 'node_modules', '.plimsoll-lock');
const stampOf = (root) => readText(stampFile(root));

async function bring(root, lockfile, wanted, { env, say }) {
  const { withLock } = await import('../worker/engine/lock.mjs');
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const onWait = (pid) => say(`Another command (pid ${pid}) is installing the dependencies.\n`);
  await withLock(
    join(tmpdir(), `plimsoll-setup-${name}.lock`),
    async () => {
      if (stampOf(root) === wanted) return;
      if (!isInstalled(root, lockfile)) await npmCi(root, { env, say });
      writeFileSync(stampFile(root), wanted);
    },
    { onWait },
  );
}

/**
 * Returns true if all packages of the lock file are installed. This function reads only npm's own
 * record of the installed packages. So a package that a developer added does not cause a second
 * installation.
 */
function isInstalled(root, lockfile) {
  const record = readText(join(root, 'node_modules', '.package-lock.json'));
  if (!record) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(JSON.parse(lockfile).packages).every(
    ([path, { version, optional }]) =>
      path === '' || (optional && !installed[path]) || installed[path]?.version === version,
  );
}

async function npmCi(root, { env, say }) {
  // The scripts of npm must run in the chosen Node, not in the first Node on PATH.
  const withNode = { ...env, PATH: `${dirname(process.execPath)}:${env.PATH ?? ''}` };
  const text = 'Installing the dependencies from package-lock.json (npm ci)';
  try {
    await withDots(text, say, () => npm(['ci', '--ignore-scripts'], { cwd: root, env: withNode }));
  } catch (cause) {
    throw userError(
      `The dependencies could not be installed:
${indent(cause.message)}
Let npm reach its registry (check it with npm ping), then run the same command again.`,
      cause,
    );
  }
}

/**
 * Makes a link to `plimsoll` in node_modules/.bin, next to the other commands. npm does not link
 * the commands of the project itself.
 */
function linkBin(root) {
  const path = join(root, 'node_modules', '.bin', 'plimsoll');
  const target = join('..', '..', 'bin', 'plimsoll.mjs');
  if (readLink(path) === target) return;
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  try {
    symlinkSync(target, path);
  } catch (cause) {
    if (readLink(path) !== target) throw cause;
  }
}

const readText = (path) => attempt(() => readFileSync(path, 'utf8'));
const readLink = (path) => attempt(() => readlinkSync(path));

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
