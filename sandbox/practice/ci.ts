import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mustRun } from '../../activities/lib/process.ts';
import type { Push } from '../git-host/git-host.ts';
import type { Sandbox } from '../sandbox.ts';

const run = promisify(execFile);
const check = 'test';
const mostMs = 5 * 60_000;

type Ci = Pick<Sandbox, 'git' | 'github'> & { directory: string; tell: (line: string) => void };

/**
 * Runs `npm test` for the pushed commit, and reports the result as the check run "test". The
 * promise resolves even if the test fails.
 */
export async function testPush(ci: Ci, { repository, ref, to }: Push): Promise<void> {
  if (!ref.startsWith('refs/heads/') || /^0+$/.test(to)) return;
  const report = (
    status: 'in_progress' | 'completed',
    conclusion: 'success' | 'failure' = 'success',
  ) => ci.github.setCheckRun(repository, to, { name: check, status, conclusion });
  report('in_progress');
  const problem = await npmTest(ci, repository, to).then(
    () => undefined,
    (cause: Error) => cause.message,
  );
  report('completed', problem === undefined ? 'success' : 'failure');
  ci.tell(
    `npm test of ${to.slice(0, 7)}: ${problem === undefined ? 'passed' : `FAILED\n${problem}`}`,
  );
}

/**
 * Runs `npm test` in a new copy of the commit. The environment of npm does not contain the tokens
 * of this process.
 */
async function npmTest({ git, directory }: Ci, repository: string, sha: string) {
  mkdirSync(directory, { recursive: true });
  const tree = mkdtempSync(join(directory, 'tree-'));
  try {
    const archive = `${tree}.tar`;
    await git.repositories.git(repository, ['archive', '--format=tar', `--output=${archive}`, sha]);
    await run('tar', ['-xf', archive, '-C', tree]);
    rmSync(archive);
    const env = { PATH: process.env.PATH ?? '', HOME: directory, CI: 'true' };
    await mustRun('npm', ['test'], { cwd: tree, env, timeoutMs: mostMs });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}
