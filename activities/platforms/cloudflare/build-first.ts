import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { failures } from '../../../domain/deploy/failures.ts';
import { bounds } from '../../../domain/platforms/cloudflare/bounds.ts';
import type { Builder } from '../../builds/builder.ts';
import { registryHosts } from '../../builds/npm-settings.ts';
import { readWritten } from '../../builds/output.ts';
import { jobEnvironment } from '../../lib/hermetic.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { final, transient } from '../../lib/fail.ts';
import { logTail } from '../../lib/log-tail.ts';
import type { Source } from './api/access.ts';
import type { WorkerTree } from './tree.ts';
import { buildOf, fileNames, parseFile } from './wrangler-file.ts';
import type { File } from './wrangler-file.ts';

const timeoutMs = bounds.buildMs;
/** The build of a framework writes this file. Then wrangler uses another configuration. */
const redirect = join('.wrangler', 'deploy', 'config.json');

type Building = { tree: WorkerTree; source: Source; builder: Builder };

/** The wrangler configuration that applies after the build. */
export type Configured = {
  /** The path of the configuration on disk. */
  path: string;
  file: File;
  /** The environment in the configuration. null means that the top level applies. */
  environment: string | null;
  /** True if the build made the configuration. Then no gate has read the configuration. */
  made: boolean;
};

/**
 * Runs the build command of wrangler's configuration, isolated and without a token. Returns the
 * configuration that applies afterwards: the configuration of the commit, or the one that the build
 * made. Throws a final failure of type 'unhealthyRelease' if the build fails.
 */
export async function buildFirst({ tree, source, builder }: Building): Promise<Configured> {
  const own = await configured(tree, source);
  const build = buildOf(own.file, source.environment);
  if (build) {
    const cwd = resolve(tree.directory, build.cwd);
    if (cwd !== tree.root && !cwd.startsWith(tree.root + sep)) throw outside(build.cwd);
    await run(builder, { command: build.command, cwd, tree });
  }
  return (await redirected(tree)) ?? own;
}

/** Returns the configuration of the commit, without a build. */
export async function configured(
  { directory, root }: WorkerTree,
  { directory: named, environment }: Source,
): Promise<Configured> {
  for (const name of fileNames) {
    const path = join(directory, name);
    const text = await readWritten(root, path);
    const file = text === null ? null : parseFile(name, text);
    if (text !== null && file) return { path, file, environment, made: false };
    if (text !== null) break;
  }
  throw noFile(named);
}

/**
 * Returns the configuration that a framework's build made, or null. Such a configuration contains
 * the values of one environment at its top level.
 */
async function redirected({ directory, root }: WorkerTree): Promise<Configured | null> {
  const at = join(directory, redirect);
  const text = await readWritten(root, at);
  if (text === null) {
    if (await isThere(at)) throw unreadable(redirect);
    return null;
  }
  const { configPath } = fieldsOf(text);
  if (typeof configPath !== 'string') throw unreadable(redirect);
  const path = resolve(dirname(at), configPath);
  const made = await readWritten(root, path);
  const file = made === null ? null : parseFile('wrangler.json', made);
  if (!file) throw unreadable(relative(root, path));
  return { path, file, environment: null, made: true };
}

function fieldsOf(text: string): { configPath?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { configPath?: unknown };
  } catch {
    return {};
  }
}

/**
 * Returns every `node_modules/.bin` from the worker's directory up to the root of the repository,
 * in the order that npx uses.
 */
function binsOf({ directory, root }: WorkerTree): string[] {
  const up = relative(root, directory).split(sep).filter(Boolean);
  const places = [...up.map((_, n) => join(root, ...up.slice(0, up.length - n))), root];
  return places.map((place) => join(place, 'node_modules', '.bin'));
}

type Run = { command: string; cwd: string; tree: WorkerTree };

async function run(builder: Builder, { command, cwd, tree }: Run) {
  const hosts = await registryHosts(undefined);
  const { code, timedOut, output } = await withHeartbeat((signal) =>
    builder.run({
      argv: ['/bin/sh', '-c', command],
      ...{ cwd, timeoutMs, signal, path: binsOf(tree) },
      env: jobEnvironment(),
      writable: [tree.root],
      network: { kind: 'filtered', hosts },
    }),
  );
  if (timedOut) throw transient(`The worker's build did not end in ${timeoutMs / 60_000} minutes.`);
  if (code === 0) return;
  throw final(
    failures.unhealthyRelease,
    "The worker's build command failed. Plimsoll runs the command without Cloudflare's token. " +
      'The last lines of its output:\n' +
      (logTail(output, 12).join('\n') || '(no output)'),
  );
}

const noFile = (directory: string) =>
  final(
    failures.misconfigured,
    `"${directory}" has no readable wrangler configuration (${fileNames.join(', ')}), so wrangler would ` +
      'make a default configuration.\nCorrect "directory" in plimsoll.yaml, or fix the file: npx wrangler check',
  );

const outside = (cwd: string) =>
  final(
    failures.misconfigured,
    `The worker's build would run in "${cwd}", outside of the repository.\n` +
      "Correct build.cwd in wrangler's file.",
  );

const unreadable = (path: string) =>
  final(
    failures.unhealthyRelease,
    `The worker's build made ${path}, which is no readable file of the repository, so it is unknown ` +
      "what to deploy.\nCorrect build.command in wrangler's file.",
  );

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
