import { access, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, relative, resolve, sep } from 'node:path';
import { failures } from '../../../domain/failures.ts';
import { platformBounds } from '../../../domain/policy/platform-bounds.ts';
import { pulse } from '../../git/pulse.ts';
import { final, transient } from '../../lib/fail.ts';
import { runLeashed } from '../../lib/leashed.ts';
import { logTail } from '../vps/log-tail.ts';
import type { Source } from './access.ts';
import type { WorkerTree } from './tree.ts';
import { buildOf, fileNames, parseFile, withoutBuild } from './wrangler-file.ts';

const timeoutMs = platformBounds.cloudflare.buildMs;
/** Beside the commit's own file, which says where everything else lies. */
const ownFile = 'wrangler.plimsoll.json';
/** Where a framework's build leaves the configuration that wrangler then follows by itself. */
const redirect = join('.wrangler', 'deploy', 'config.json');

type Building = { tree: WorkerTree; source: Source; env: Record<string, string> };

/**
 * A build command of wrangler's file inherits wrangler's environment, and with it the token. So it runs here, before,
 * without one; what is returned makes wrangler build no second time. Final unhealthyRelease: it failed.
 */
export async function buildFirst({ tree, source, env }: Building): Promise<string[]> {
  const found = await fileIn(tree.directory);
  const build = found && buildOf(found.file, source.environment);
  if (!found || !build) return [];
  const cwd = resolve(tree.directory, build.cwd);
  if (cwd !== tree.root && !cwd.startsWith(tree.root + sep)) throw outside(build.cwd);
  await run(build.command, { cwd, env: { ...env, PATH: pathFrom(tree, env['PATH'] ?? '') } });
  if (await isThere(join(tree.directory, redirect))) return [];
  const plain = withoutBuild(found.file);
  await writeFile(join(tree.directory, ownFile), JSON.stringify(plain));
  return ['--config', ownFile];
}

async function fileIn(directory: string) {
  for (const name of fileNames) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => null);
    const file = text === null ? null : parseFile(name, text);
    if (text !== null) return file && { file };
  }
  return null;
}

/** As `npx wrangler` would have it. */
function pathFrom({ directory, root }: WorkerTree, path: string): string {
  const up = relative(root, directory).split(sep).filter(Boolean);
  const places = [...up.map((_, n) => join(root, ...up.slice(0, up.length - n))), root];
  return [...places.map((place) => join(place, 'node_modules', '.bin')), path].join(delimiter);
}

async function run(command: string, where: { cwd: string; env: Record<string, string> }) {
  const argv = ['/bin/sh', '-c', command];
  const { code, timedOut, output } = await pulse((signal) =>
    runLeashed(argv, { ...where, timeoutMs, signal }),
  );
  if (timedOut) throw transient(`The worker's build did not end in ${timeoutMs / 60_000} minutes.`);
  if (code === 0) return;
  throw final(
    failures.unhealthyRelease,
    `The worker's build command failed; it runs without a token of Cloudflare's. Its last lines:\n` +
      (logTail(output, 12).join('\n') || 'it said nothing'),
  );
}

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
