import { shellWord } from '../../../domain/lib/shell-word.ts';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { failures } from '../../../domain/deploy/failures.ts';
import { bounds } from '../../../domain/platforms/cloudflare/bounds.ts';
import type { Builder } from '../../builds/builder.ts';
import { dangerousKeys, registryHosts } from '../../builds/npm-settings.ts';
import type { Git } from '../../git/git.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { final, transient } from '../../lib/fail.ts';
import { logTail } from '../../lib/log-tail.ts';
import { textOf } from '../../lib/text-of.ts';
import type { Source } from './api/access.ts';
import { jobEnvironment, npmSettings } from '../../lib/hermetic.ts';
import type { Wrangler } from './find-wrangler.ts';

/**
 * Four paths on disk. They are the worker's directory in a checkout, the root of the checkout, an
 * empty directory for the output of the bundler, and an empty directory that no build can change.
 */
export type WorkerTree = { directory: string; root: string; output: string; own: string };

export type TreeDeps = {
  git: Pick<Git, 'exportTree'>;
  workspace: string;
  builder: Builder;
  /** Path of the npmrc file on this machine. Without `npmrc`, npm ci runs without an npmrc file. */
  npmrc?: string | undefined;
  /** Finds the wrangler that gets the token. Default: `besideWrangler`. */
  ownWrangler?: () => Promise<Wrangler>;
};

const npmTimeoutMs = bounds.installMs;
const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json'];

/**
 * Calls `work` with a clean checkout of the commit, and removes the checkout afterwards. Throws a
 * final failure of type 'misconfigured' if the commit does not contain the worker's directory.
 */
export async function withTree<T>(
  { git, workspace, builder }: Pick<TreeDeps, 'git' | 'workspace' | 'builder'>,
  { repository, sha, directory }: Source,
  work: (tree: WorkerTree) => Promise<T>,
): Promise<T> {
  const place = builder.shared ?? workspace;
  const tree = await git.exportTree(repository, sha, builder.shared);
  const output = await mkdtemp(join(await made(join(place, 'outputs')), 'output-'));
  const own = await mkdtemp(join(await made(join(workspace, 'outputs')), 'own-'));
  try {
    const root = await realpath(tree.directory);
    const at = resolve(root, directory);
    if (!isInside(root, at) || !(await isThere(at))) throw noDirectory(directory, sha);
    const outputs = { output: await realpath(output), own: await realpath(own) };
    return await work({ directory: at, root, ...outputs });
  } finally {
    for (const path of [output, own]) await rm(path, { recursive: true, force: true });
    await tree.dispose();
  }
}

async function made(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  return directory;
}

const isInside = (root: string, path: string) => path === root || path.startsWith(root + sep);

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const noDirectory = (directory: string, sha: string) =>
  final(
    failures.misconfigured,
    `The commit ${sha.slice(0, 12)} has no directory "${directory}".\n` +
      'Correct "directory" of the worker in plimsoll.yaml: it is relative to the repository\'s root.',
  );

/** Returns the worker's directory and its parent directories, up to the root of the checkout. */
function upwards({ directory, root }: WorkerTree): string[] {
  const places: string[] = [];
  for (let at = directory; isInside(root, at); at = dirname(at)) places.push(at);
  return places;
}

/**
 * Runs `npm ci` in the directory of the lock file: the worker's directory or one of its parent
 * directories. npm runs isolated, runs no install scripts and gets no Cloudflare token. Throws a
 * final failure of type 'unhealthyRelease' if npm ci fails, or if the worker has dependencies but
 * no lock file. Throws a final failure of type 'misconfigured' if the commit contains node_modules.
 */
export async function install(deps: TreeDeps, tree: WorkerTree, repository: string): Promise<void> {
  for (const place of upwards(tree))
    if (await isThere(join(place, 'node_modules'))) throw committed(tree, place);
  const place = await lockedPlace(tree);
  if (place === null) return mustHaveNone(tree);
  const { npmrc, builder } = deps;
  if (npmrc !== undefined) await mustBeSafe(npmrc, place);
  const name = createHash('sha256').update(repository).digest('hex').slice(0, 20);
  const cache = await realpath(
    await made(join(builder.shared ?? deps.workspace, 'npm-cache', name)),
  );
  const hosts = await registryHosts(npmrc);
  const result = await withHeartbeat((signal) =>
    builder.run({
      argv: ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
      cwd: place,
      env: { ...jobEnvironment(), ...npmSettings(cache, npmrc) },
      writable: [tree.root, cache],
      readable: npmrc === undefined ? [] : [npmrc],
      network: { kind: 'filtered', hosts },
      ...{ timeoutMs: npmTimeoutMs, signal },
    }),
  );
  if (result.timedOut) throw transient(`npm ci did not end in ${npmTimeoutMs / 60_000} minutes.`);
  if (result.code !== 0) throw npmFailed(result.output);
}

function committed({ root }: WorkerTree, place: string) {
  const path = join(place, 'node_modules').slice(root.length + 1);
  return final(failures.misconfigured, committedModules(path));
}

/** `path`: the path of the directory node_modules in the repository. */
export const committedModules = (path: string) =>
  `The commit contains ${path}. Plimsoll installs dependencies only as the lock file says. ` +
  `Remove the directory and add it to .gitignore: git rm -r --cached ${shellWord(path)}`;

/**
 * Throws a final failure of type 'misconfigured' in two cases: the file `npmrc` does not exist, or
 * the commit contains settings with which it could take the token in this file.
 */
async function mustBeSafe(npmrc: string, place: string): Promise<void> {
  if (!(await isThere(npmrc))) throw noNpmrc(npmrc);
  const own = await readFile(join(place, '.npmrc'), 'utf8').catch(() => '');
  const [key] = dangerousKeys(own);
  if (key !== undefined)
    throw final(
      failures.misconfigured,
      `The commit's .npmrc sets "${key}". With this key, a commit could take the token in ${npmrc}.\n` +
        `Remove the key from .npmrc in the commit, or move it to ${npmrc}.`,
    );
  for (const name of lockfiles) {
    const text = await readFile(join(place, name), 'utf8').catch(() => '');
    const [, from] = /"resolved":\s*"(git[^"]*)"/.exec(text) ?? [];
    if (from !== undefined)
      throw final(
        failures.misconfigured,
        `${name} takes a package from ${from}. npm may run programs of such a package, and they could ` +
          `take the token in ${npmrc}.\nTake the package from a registry, or remove "npmrc" from plimsoll.yaml.`,
      );
  }
}

const noNpmrc = (path: string) =>
  final(
    failures.misconfigured,
    `plimsoll.yaml names ${path} as "npmrc", but there is no such file where the worker runs.\n` +
      'Put the file there and let the worker read it. ' +
      'Or remove "npmrc" from plimsoll.yaml. npm ci then has no token for the registry.',
  );

async function lockedPlace(tree: WorkerTree): Promise<string | null> {
  for (const at of upwards(tree))
    for (const name of lockfiles) if (await isThere(join(at, name))) return at;
  return null;
}

async function mustHaveNone({ directory }: WorkerTree): Promise<void> {
  const text = await readFile(join(directory, 'package.json')).then(textOf, () => '{}');
  const names = Object.keys(dependenciesIn(text));
  if (names.length === 0) return;
  throw final(
    failures.unhealthyRelease,
    `The worker needs ${names.join(', ')} but has no package-lock.json, so the versions of its ` +
      'dependencies are not fixed.\nCommit a package-lock.json: npm install --package-lock-only',
  );
}

function dependenciesIn(text: string): object {
  try {
    return (JSON.parse(text) as { dependencies?: object }).dependencies ?? {};
  } catch {
    return {};
  }
}

const offline = /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|network|429 |50[0-9] /;

function npmFailed(output: string): Error {
  const log = logTail(output, 10).join('\n');
  if (offline.test(output)) return transient(`npm ci could not reach its registry:\n${log}`);
  return final(
    failures.unhealthyRelease,
    `npm ci failed for the worker. The live release was not touched. The last lines of npm ci:\n${log}`,
  );
}
