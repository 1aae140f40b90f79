import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Git } from '../../git/git.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { list } from '../../../domain/gates/judged.ts';
import { final, transient } from '../../lib/fail.ts';
import { runProcess } from '../../lib/process.ts';
import { npmEnvironment } from '../../lib/hermetic.ts';
import { unlocked } from './npm-lock.ts';
import type { Place } from './read-files.ts';

const timeoutMs = 3 * 60_000;
const mostBytes = 50 * 1024 * 1024;
const locks = ['npm-shrinkwrap.json', 'package-lock.json'];

/**
 * Runs `npm audit --json` in a new directory that contains only the commit's package.json and lock
 * file. So no script and no setting of the commit has an effect. Returns the output, or null if
 * package.json or the lock file is missing. Throws a transient failure if npm audit does not end in
 * time.
 */
export async function runNpmAudit(
  git: Pick<Git, 'readFile'>,
  { repository, sha }: Place,
  directory: string,
): Promise<string | null> {
  const read = (name: string) =>
    git.readFile(repository, sha, directory === '.' ? name : `${directory}/${name}`);
  const found = await Promise.all(['package.json', ...locks].map(read));
  const [manifest, ...texts] = found;
  const index = texts.findIndex((text) => text !== null);
  if (manifest == null || index < 0) return null;
  const missing = unlocked(manifest, texts[index] ?? '');
  if (missing.length > 0) throw final(failures.misconfigured, hollow(missing));
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-audit-'));
  try {
    await writeFile(join(home, 'package.json'), manifest);
    await writeFile(join(home, locks[index] ?? ''), texts[index] ?? '');
    return await audit(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * Runs npm audit and returns its output. The output goes to a file, because `runProcess` keeps only
 * the end of a long output.
 */
async function audit(home: string): Promise<string> {
  const out = join(home, 'audit.json');
  const npm = 'exec npm audit --json --package-lock-only --ignore-scripts > "$1"';
  const env = npmEnvironment(home, join(home, 'cache'));
  const call = { cwd: home, env, timeoutMs };
  const { code, timedOut } = await withHeartbeat((signal) =>
    runProcess(['/bin/sh', '-c', npm, 'sh', out], { ...call, signal }),
  );
  if (timedOut) throw transient(`npm audit did not end in ${timeoutMs / 60_000} minutes.`);
  if (code === 127) throw final(failures.misconfigured, noNpm);
  if ((await stat(out)).size > mostBytes)
    throw final(
      failures.misconfigured,
      `The output of npm audit is larger than 50 MB.\n${otherSource}.`,
    );
  return readFile(out, 'utf8');
}

const hollow = (missing: string[]) =>
  `the lock file lacks ${list(missing)}, although package.json has these packages. ` +
  'npm would not audit them. Run npm install and commit the lock file';

/** The next step if npm audit gives no findings. */
export const otherSource =
  'To see why, run npm audit there. Or name another source under "audit" in plimsoll.yaml, such as ' +
  'reports';

const noNpm =
  'There is no npm on the PATH of the worker, so "audit.npm" cannot run.\n' +
  'Install Node with npm, or remove npm from "audit" in plimsoll.yaml.';
