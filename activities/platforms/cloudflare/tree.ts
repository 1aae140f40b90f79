import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { failures } from '../../../domain/deploy/failures.ts';
import { bounds } from '../../../domain/platforms/cloudflare/bounds.ts';
import type { Git } from '../../git/git.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { final, transient } from '../../lib/fail.ts';
import { runProcess } from '../../lib/process.ts';
import { logTail } from '../../lib/log-tail.ts';
import type { Source } from './api/access.ts';
import { npmEnvironment } from '../../lib/hermetic.ts';

/** Paths on disk: the worker's directory in a checkout, and the root of the checkout. */
export type WorkerTree = { directory: string; root: string };

export type TreeDeps = {
  git: Pick<Git, 'exportTree'>;
  workspace: string;
  /** Path of the npmrc file on this machine. Without `npmrc`, npm ci runs without an npmrc file. */
  npmrc?: string | undefined;
};

const npmTimeoutMs = bounds.installMs;
const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json'];

/**
 * Calls `work` with a clean checkout of the commit, and removes the checkout afterwards. Throws a
 * final failure of type 'misconfigured' if the commit does not contain the worker's directory.
 */
export async function withTree<T>(
  { git }: TreeDeps,
  { repository, sha, directory }: Source,
  work: (tree: WorkerTree) => Promise<T>,
): Promise<T> {
  const tree = await git.exportTree(repository, sha);
  try {
    const root = tree.directory;
    const at = resolve(root, directory);
    if (!isInside(root, at) || !(await isThere(at))) throw noDirectory(directory, sha);
    return await work({ directory: at, root });
  } finally {
    await tree.dispose();
  }
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

/**
 * Runs `npm ci` in the directory of the lock file: the worker's directory or one of its parent
 * directories. npm runs no install scripts and gets no Cloudflare token. Throws a final failure of
 * type 'unhealthyRelease' if npm ci fails, or if the worker has dependencies but no lock file.
 */
export async function install(deps: TreeDeps, tree: WorkerTree): Promise<void> {
  const place = await lockedPlace(tree);
  if (place === null) return mustHaveNone(tree);
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-npm-'));
  if (deps.npmrc !== undefined && !(await isThere(deps.npmrc))) throw noNpmrc(deps.npmrc);
  const env = npmEnvironment(home, join(deps.workspace, 'npm-cache'), deps.npmrc);
  const argv = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    const result = await withHeartbeat((signal) =>
      runProcess(argv, { cwd: place, env, timeoutMs: npmTimeoutMs, signal }),
    );
    if (result.timedOut) throw transient(`npm ci did not end in ${npmTimeoutMs / 60_000} minutes.`);
    if (result.code !== 0) throw npmFailed(result.output);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const noNpmrc = (path: string) =>
  final(
    failures.misconfigured,
    `plimsoll.yaml names ${path} as "npmrc", but there is no such file where the worker runs.\n` +
      'Put the file there and let the worker read it. ' +
      'Or remove "npmrc" from plimsoll.yaml. npm ci then has no token for the registry.',
  );

async function lockedPlace({ directory, root }: WorkerTree): Promise<string | null> {
  for (let at = directory; isInside(root, at); at = dirname(at)) {
    for (const name of lockfiles) if (await isThere(join(at, name))) return at;
  }
  return null;
}

async function mustHaveNone({ directory }: WorkerTree): Promise<void> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}');
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
