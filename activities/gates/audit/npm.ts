import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Git } from '../../git.ts';
import { pulse } from '../../git/pulse.ts';
import { failures } from '../../../domain/failures.ts';
import { list } from '../../../domain/policy/gates/judged.ts';
import { final, transient } from '../../lib/fail.ts';
import { runLeashed } from '../../lib/leashed.ts';
import { npmEnvironment } from '../../platforms/cloudflare/hermetic.ts';
import { unlocked } from './npm-lock.ts';
import type { Place } from './read-files.ts';

const timeoutMs = 3 * 60_000;
const mostBytes = 50 * 1024 * 1024;
const locks = ['npm-shrinkwrap.json', 'package-lock.json'];

/**
 * What `npm audit --json` says of the lock file of the commit: run beside it and the manifest alone, so neither
 * scripts nor settings of the commit count. null = no lock file there. Transient: the registry did not answer.
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

/** Its output goes to a file: a long one would be cut at its end. */
async function audit(home: string): Promise<string> {
  const out = join(home, 'audit.json');
  const npm = 'exec npm audit --json --package-lock-only --ignore-scripts > "$1"';
  const env = npmEnvironment(home, join(home, 'cache'));
  const call = { cwd: home, env: { ...env, npm_config_fetch_retries: '0' }, timeoutMs };
  const { code, timedOut } = await pulse((signal) =>
    runLeashed(['/bin/sh', '-c', npm, 'sh', out], { ...call, signal }),
  );
  if (timedOut) throw transient(`npm audit did not end in ${timeoutMs / 60_000} minutes.`);
  if (code === 127) throw final(failures.misconfigured, noNpm);
  if ((await stat(out)).size > mostBytes)
    throw final(failures.misconfigured, 'npm audit answered more than 50 MB.');
  return readFile(out, 'utf8');
}

const hollow = (missing: string[]) =>
  `the lock file lacks ${list(missing)}, which package.json names and nobody would audit. ` +
  'Run npm install and commit the lock file';

const noNpm =
  'There is no npm on the PATH of the worker, so "audit.npm" cannot be asked.\n' +
  'Install Node with npm, or take npm out of "audit" in plimsoll.yaml.';
