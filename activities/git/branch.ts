import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile } from './git.ts';
import type { Git } from './git.ts';
import type { InMirror, Token } from './mirror.ts';
import { brokenMirror, remoteFailure } from './refuse.ts';
import { runGit } from './run.ts';

type Place = { repository: string; branch: string };
/** Calls `work` with the newest commit of a branch, and returns its result. */
export type AtBranch = <T>(
  place: Place,
  work: (git: Pick<Git, 'readFile'>, sha: string) => Promise<T>,
) => Promise<T>;

const timeoutMs = 15_000;

/**
 * Makes a function that fetches only the newest commit of a branch, without its history. So it
 * needs no mirror and no workspace. The function throws `remoteFailure` if the fetch fails.
 */
export const createAtBranch =
  (token: Token): AtBranch =>
  async ({ repository, branch }, work) => {
    const directory = await mkdtemp(join(tmpdir(), 'plimsoll-branch-'));
    const git: InMirror = (args, call) => runGit(args, { cwd: directory, timeoutMs, ...call });
    try {
      const made = await git(['init', '--quiet', '--bare', '--template=']);
      if (made.code !== 0) throw brokenMirror('make a directory for one commit', made);
      const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--end-of-options'];
      const remote = { url: repository, token: await token(repository) };
      const fetched = await git([...fetch, repository, `refs/heads/${branch}`], { remote });
      if (fetched.code !== 0) throw remoteFailure(repository, fetched);
      const head = await git(['rev-parse', '--verify', '--quiet', 'FETCH_HEAD']);
      if (head.code !== 0) throw brokenMirror(`find the newest commit of ${branch}`, head);
      const read = { readFile: (_: string, at: string, path: string) => readFile(git, at, path) };
      return await work(read, head.stdout.trim());
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
