import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { failures } from '../../../domain/failures.ts';
import { platformBounds } from '../../../domain/policy/platform-bounds.ts';
import type { Git } from '../../git.ts';
import { pulse } from '../../git/pulse.ts';
import { final, transient } from '../../lib/fail.ts';
import { runLeashed } from '../../lib/leashed.ts';
import { logTail } from '../vps/log-tail.ts';
import type { Source } from './access.ts';
import { npmEnvironment } from './hermetic.ts';

/** The worker's directory as real files, and the root of its repository. */
export type WorkerTree = { directory: string; root: string };

export type TreeDeps = {
  git: Pick<Git, 'exportTree'>;
  workspace: string;
  /** npm's settings on this machine. */
  npmrc?: string | undefined;
};

const npmTimeoutMs = platformBounds.cloudflare.installMs;
const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json'];

/** Hands a clean checkout of the commit to `work` and takes it away again. Final misconfigured: no such directory. */
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
 * `npm ci` where the worker, or a directory above it, has a lock file; never its scripts, never a token.
 * Final unhealthyRelease: it failed, or dependencies are not pinned.
 */
export async function install(deps: TreeDeps, tree: WorkerTree): Promise<void> {
  const place = await lockedPlace(tree);
  if (place === null) return mustHaveNone(tree);
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-npm-'));
  if (deps.npmrc !== undefined && !(await isThere(deps.npmrc))) throw noNpmrc(deps.npmrc);
  const env = npmEnvironment(home, join(deps.workspace, 'npm-cache'), deps.npmrc);
  const argv = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    const result = await pulse((signal) =>
      runLeashed(argv, { cwd: place, env, timeoutMs: npmTimeoutMs, signal }),
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
    `There is no file ${path} where the worker runs, and plimsoll.yaml names it as "npmrc".\n` +
      'Put it there, readable for the worker, or remove the key: then npm ci has no token at all.',
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
    `The worker needs ${names.join(', ')} and has no package-lock.json, so what would be deployed is ` +
      'not fixed.\nCommit one: npm install --package-lock-only',
  );
}

function dependenciesIn(text: string): object {
  try {
    return (JSON.parse(text) as { dependencies?: object }).dependencies ?? {};
  } catch {
    return {};
  }
}

const offline = /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|network|50[0-9] /;

function npmFailed(output: string): Error {
  const log = logTail(output, 10).join('\n');
  if (offline.test(output)) return transient(`npm ci could not reach its registry:\n${log}`);
  return final(
    failures.unhealthyRelease,
    `npm ci failed for the worker; nothing that is served was touched. Its last lines:\n${log}`,
  );
}
