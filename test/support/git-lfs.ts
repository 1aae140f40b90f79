import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const version = 'v3.8.1';

/**
 * Puts the real git-lfs on the PATH of this process. If the machine has none, its Go module is
 * built once, and kept in the cache.
 */
export async function installGitLfs(): Promise<void> {
  const found = await execute('git', ['lfs', 'version']).catch(() => null);
  if (found) return;
  const bin = join(homedir(), '.cache', 'plimsoll', 'bin', `git-lfs-${version}`);
  if (!existsSync(join(bin, 'git-lfs'))) {
    mkdirSync(bin, { recursive: true });
    const env = { ...process.env, GOBIN: bin };
    await execute('go', ['install', `github.com/git-lfs/git-lfs/v3@${version}`], { env });
  }
  process.env['PATH'] = `${bin}${delimiter}${process.env['PATH'] ?? ''}`;
}
