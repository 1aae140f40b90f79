import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { VpsFixture } from './fixture.ts';

const execute = promisify(execFile);

/**
 * A clone of the repository, as a developer has it. `git` runs a real git command in the clone and
 * returns its output. The git host runs in this process, so no command may block it.
 */
export async function cloneOf({ git: host, root }: Pick<VpsFixture, 'git' | 'root'>) {
  const url = (name: string) => host.url(name).replace('//', '//sam:none@');
  const directory = join(root, `clone-${Math.random().toString(36).slice(2)}`);
  const named = ['-c', 'user.name=Sam', '-c', 'user.email=sam@example.test'];
  await execute('git', ['clone', '--quiet', url('acme/shop'), directory]);
  const git = async (...args: string[]) => {
    const { stdout } = await execute('git', ['-C', directory, ...named, ...args]);
    return stdout.trim();
  };
  /** Commits everything, pushes it to the branch and returns the SHA. */
  const push = async (message: string, branch = 'main') => {
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', message);
    await git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
    return git('rev-parse', 'HEAD');
  };
  return { directory, git, push, url };
}
