import { lstat, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { failures } from '../../../domain/deploy/failures.ts';
import { bounds } from '../../../domain/platforms/cloudflare/bounds.ts';
import { copyOut, unsafeEntry } from '../../builds/output.ts';
import { final, transient } from '../../lib/fail.ts';
import { logTail } from '../../lib/log-tail.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import type { Configured } from './build-first.ts';
import { findWrangler, isNewer, modulesOf } from './find-wrangler.ts';
import type { Wrangler } from './find-wrangler.ts';
import type { TreeDeps, WorkerTree } from './tree.ts';
import { bundleName, effectiveOf, uploadFile } from './upload-file.ts';
import { createdBy } from './wrangler-creates.ts';
import { bundlerEnvironment } from './wrangler-environment.ts';

const timeoutMs = bounds.bundleMs;
const configName = 'wrangler.plimsoll.json';

/**
 * The files that wrangler needs to change the Worker. wrangler runs no program of the commit,
 * because these files contain none.
 */
export type Upload = {
  /** The directory in which wrangler runs. It contains the bundle and the configuration. */
  directory: string;
  /** Further directories that wrangler reads: the assets. */
  readable: string[];
  args: string[];
};

type Preparing = {
  tree: WorkerTree;
  configured: Configured;
  account: string;
  /** The wrangler of Plimsoll, which gets the token. */
  own: Wrangler;
};

/**
 * Bundles the Worker with `wrangler deploy --dry-run`, isolated and without a token, and writes a
 * configuration for the bundle. Later, another wrangler uploads the bundle with the token. This
 * wrangler runs no program of the commit.
 */
export async function prepareUpload(
  { builder }: Pick<TreeDeps, 'builder'>,
  { tree, configured, account, own }: Preparing,
): Promise<Upload> {
  const { file, path, environment } = configured;
  const effective = effectiveOf(file, environment);
  refuseUnsafe(configured, tree);
  const bundler = await findWrangler(tree.directory, tree.root);
  await mustKnowAll({ bundler, own, names: Object.keys(effective.section) });
  if (effective.main !== null) await bundle(builder, { bundler, tree, configured });
  const output = await kept(builder, tree.output, join(tree.own, 'bundle'));
  if (effective.main !== null)
    await mustBeBundled(output, bundleName(effective.main, effective.noBundle));
  const assets =
    effective.assets === null
      ? null
      : await assetsAt(builder, tree, resolve(dirname(path), effective.assets));
  const made = uploadFile(file, environment, { account, bundled: true, assets });
  return writeUpload(output, made, environment, assets === null ? [] : [assets]);
}

/** Writes a configuration for a command that needs no code, such as the command for routes. */
export async function prepareSettings({
  tree,
  configured: { file, environment },
  account,
}: Omit<Preparing, 'own'>): Promise<Upload> {
  const made = uploadFile(file, environment, { account, bundled: false, assets: null });
  return writeUpload(tree.own, made, environment, []);
}

async function writeUpload(
  directory: string,
  file: object,
  environment: string | null,
  readable: string[],
): Promise<Upload> {
  const path = join(directory, configName);
  // The bundler may have written a file or a link with this name.
  await rm(path, { recursive: true, force: true });
  await writeFile(path, JSON.stringify(file), { flag: 'wx' });
  const env = environment === null ? [] : ['--env', environment];
  return { directory, readable, args: [...env, '--config', configName] };
}

/**
 * Throws a final failure of type 'misconfigured' in two cases: the configuration names files that
 * are not part of the bundle, or the build made a configuration with which wrangler would create
 * resources.
 */
function refuseUnsafe(configured: Configured, { root }: WorkerTree): void {
  const { file, path, environment, made } = configured;
  const { section } = effectiveOf(file, environment);
  const name = relative(root, path);
  const created = made ? createdBy(section, name) : [];
  const old = ['wasm_modules', 'text_blobs', 'data_blobs'].filter(
    (key) => section[key] ?? file[key],
  );
  const against = [
    ...created,
    ...old.map(
      (key) =>
        `${name} has "${key}", which Plimsoll cannot pass to wrangler together with a bundle. ` +
        'Import the file in the code of the Worker instead.',
    ),
  ];
  if (against.length > 0) throw final(failures.misconfigured, against.join('\n'));
}

/**
 * Throws a final failure of type 'misconfigured' if Plimsoll's wrangler would ignore a key of the
 * configuration. This can happen if the wrangler of the commit is newer than Plimsoll's wrangler.
 */
async function mustKnowAll({
  bundler,
  own,
  names,
}: {
  bundler: Wrangler;
  own: Wrangler;
  names: string[];
}): Promise<void> {
  if (!isNewer(bundler.version, own.version)) return;
  const schema = join(dirname(dirname(own.bin)), 'config-schema.json');
  const text = await readFile(schema, 'utf8').catch(() => '');
  const unknown = text === '' ? [] : names.filter((name) => !text.includes(`"${name}"`));
  if (unknown.length === 0) return;
  throw final(
    failures.misconfigured,
    `wrangler's configuration has ${unknown.join(', ')}. The wrangler ${own.version} beside Plimsoll does not ` +
      `know this, and would ignore it; the commit has wrangler ${bundler.version}.\n` +
      `Update wrangler where Plimsoll is installed: npm install wrangler@${bundler.version}`,
  );
}

type Bundling = { bundler: Wrangler; tree: WorkerTree; configured: Configured };

async function bundle(builder: TreeDeps['builder'], { bundler, tree, configured }: Bundling) {
  const { path, environment } = configured;
  const env = environment === null ? [] : ['--env', environment];
  const { code, timedOut, output } = await withHeartbeat((signal) =>
    builder.run({
      argv: [
        ...['node', bundler.bin, 'deploy', '--dry-run', '--outdir', tree.output],
        ...['--config', path, ...env, '--env-file', '/dev/null'],
      ],
      ...{ cwd: tree.directory, timeoutMs, signal },
      env: bundlerEnvironment(),
      writable: [tree.root, tree.output],
      readable: bundler.from === 'Plimsoll' ? [modulesOf(bundler)] : [],
      network: { kind: 'filtered', hosts: [] },
    }),
  );
  if (timedOut)
    throw transient(`wrangler did not bundle the worker in ${timeoutMs / 60_000} minutes.`);
  if (code === 0) return;
  throw final(
    failures.unhealthyRelease,
    'wrangler could not bundle the worker. Its last lines:\n' +
      (logTail(output, 12).join('\n') || '(no output)'),
  );
}

/** Removes files that are not part of the Worker. Refuses everything that is not a plain file. */
async function mustBeBundled(output: string, main: string): Promise<void> {
  await rm(join(output, 'README.md'), { recursive: true, force: true });
  const unsafe = await unsafeEntry(output);
  if (unsafe !== null) throw unsafeFile(relative(output, unsafe), 'The bundle');
  const found = await lstat(join(output, main)).catch(() => null);
  if (found?.isFile()) return;
  throw final(
    failures.unhealthyRelease,
    `wrangler reports success for the bundle, but did not write ${basename(main)}.\n` +
      'Try it in the directory of the worker: npx wrangler deploy --dry-run --outdir out',
  );
}

/** Returns the absolute path of the assets. */
async function assetsAt(
  builder: TreeDeps['builder'],
  { root, own }: WorkerTree,
  named: string,
): Promise<string> {
  const found = await realpath(named).catch(() => null);
  if (found === null || !found.startsWith(root + sep))
    throw final(
      failures.unhealthyRelease,
      `wrangler's configuration names the assets ${relative(root, named)}, but the repository has no such directory ` +
        "after the build.\nCorrect assets.directory in wrangler's file, or build.command.",
    );
  const path = await kept(builder, found, join(own, 'assets'));
  const unsafe = await unsafeEntry(path);
  const inTree = (entry: string) => join(relative(root, found), relative(path, entry));
  if (unsafe !== null) throw unsafeFile(inTree(unsafe), 'The directory of the assets');
  return path;
}

/**
 * Returns the directory `from`. If a builder process could still change the files in `from`,
 * returns a copy at `to` instead. The wrangler with the token must read exactly the files that were
 * checked.
 */
async function kept({ shared }: TreeDeps['builder'], from: string, to: string): Promise<string> {
  if (shared === undefined) return from;
  const problem = await copyOut(from, to, shared);
  if (problem === null) return to;
  throw final(failures.unhealthyRelease, problem);
}

const unsafeFile = (path: string, what: string) =>
  final(
    failures.unhealthyRelease,
    `${what} contains ${path}, which is no plain file, or a link that leads out of the directory. ` +
      'Plimsoll uploads only files.\nMake build.command copy the file instead of a link.',
  );
