import { access, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, relative, resolve, sep } from 'node:path';
import { failures } from '../../../domain/deploy/failures.ts';
import { bounds } from '../../../domain/platforms/cloudflare/bounds.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { final, transient } from '../../lib/fail.ts';
import { runProcess } from '../../lib/process.ts';
import { logTail } from '../../lib/log-tail.ts';
import type { Source } from './api/access.ts';
import type { WorkerTree } from './tree.ts';
import { buildOf, fileNames, parseFile, withoutBuild } from './wrangler-file.ts';

const timeoutMs = bounds.buildMs;
/**
 * Name of the file for wrangler's configuration without the build command. The file must be in the
 * directory of the commit's own configuration, because the configuration contains relative paths.
 */
const ownFile = 'wrangler.plimsoll.json';
/** A framework's build writes this file to make wrangler use another configuration. */
const redirect = join('.wrangler', 'deploy', 'config.json');

type Building = { tree: WorkerTree; source: Source; env: Record<string, string> };

/**
 * Runs the build command of wrangler's configuration before wrangler runs, without a token.
 * wrangler would give its token to the build command. Returns the arguments that name the
 * configuration. With these arguments, wrangler does not build again and does not call the build of
 * a framework. Throws a final failure of type 'unhealthyRelease' if the build fails.
 */
export async function buildFirst({ tree, source, env }: Building): Promise<string[]> {
  const found = await fileIn(tree.directory);
  const isRedirected = () => isThere(join(tree.directory, redirect));
  if (!found) throw noFile(source.directory);
  const build = buildOf(found.file, source.environment);
  if (!build) return (await isRedirected()) ? [] : ['--config', found.name];
  const cwd = resolve(tree.directory, build.cwd);
  if (cwd !== tree.root && !cwd.startsWith(tree.root + sep)) throw outside(build.cwd);
  await run(build.command, { cwd, env: { ...env, PATH: pathFrom(tree, env['PATH'] ?? '') } });
  if (await isRedirected()) return [];
  const plain = withoutBuild(found.file);
  await writeFile(join(tree.directory, ownFile), JSON.stringify(plain));
  return ['--config', ownFile];
}

async function fileIn(directory: string) {
  for (const name of fileNames) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => null);
    const file = text === null ? null : parseFile(name, text);
    if (text !== null) return file && { name, file };
  }
  return null;
}

/**
 * Returns the PATH for the build. The PATH begins with every `node_modules/.bin` from the worker's
 * directory up to the root of the repository, in the order that npx uses.
 */
function pathFrom({ directory, root }: WorkerTree, path: string): string {
  const up = relative(root, directory).split(sep).filter(Boolean);
  const places = [...up.map((_, n) => join(root, ...up.slice(0, up.length - n))), root];
  return [...places.map((place) => join(place, 'node_modules', '.bin')), path].join(delimiter);
}

async function run(command: string, where: { cwd: string; env: Record<string, string> }) {
  const argv = ['/bin/sh', '-c', command];
  const { code, timedOut, output } = await withHeartbeat((signal) =>
    runProcess(argv, { ...where, timeoutMs, signal }),
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

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
