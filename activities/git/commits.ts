import type { Commit } from '../../domain/deploy/plan.ts';
import { visible } from '../../domain/lib/visible.ts';
import { cleanTitle } from '../lib/known-secrets.ts';
import { brokenMirror } from './refuse.ts';
import type { InMirror } from './mirror.ts';

/**
 * A commit with its whole message. The lines after the title may name closed issues and reverted
 * commits.
 */
export type Message = { sha: string; message: string };
type FullCommit = Commit & Message;

/**
 * NUL separates the fields in the output of git. A commit cannot contain NUL. So an attacker cannot
 * add a field with a special author name.
 */
const format = '--format=%H%x00%ae%x00%ce%x00%B%x00';
const most = 5000;
const mostTitle = 300;
const mostEmail = 320;

const coAuthors = (message: string) =>
  [...message.matchAll(/^co-authored-by:[^<\n]*<([^>\n]+)>/gim)].map((match) => match[1] ?? '');

/**
 * Returns the title of a commit, which is the first line of its message. Only GitHub gives the
 * title of a pull request, because the author of a commit can write any number of a pull request
 * into the message.
 */
const titleOf = (message: string): string => message.split('\n', 1)[0] ?? '';

function parse(stdout: string): FullCommit[] {
  const fields = stdout.split('\0');
  const commits: FullCommit[] = [];
  for (let at = 0; at + 4 < fields.length; at += 4) {
    const [sha = '', author = '', committer = '', message = ''] = fields.slice(at, at + 4);
    const emails = [author, committer, ...coAuthors(message)].map((email) =>
      visible(email.trim().slice(0, mostEmail)).toLowerCase(),
    );
    const title = visible(cleanTitle(titleOf(message)).slice(0, mostTitle));
    commits.push({ sha: sha.trim(), title, emails: [...new Set(emails)], message });
  }
  return commits;
}

const rangeOf = (from: string | null, to: string) => (from === null ? [to] : [to, `^${from}`]);

async function readLog(git: InMirror, from: string | null, to: string): Promise<FullCommit[]> {
  const args = ['log', '--no-mailmap', `--max-count=${most}`, format, ...rangeOf(from, to), '--'];
  const log = await git(args);
  if (log.code !== 0) throw brokenMirror('read the commits', log);
  return parse(log.stdout);
}

/**
 * Returns the commits that are in the history of `to` but not in the history of `from`, newest
 * first. At most 5,000 commits are returned, but `total` counts all commits. If `from` is null, the
 * whole history of `to` is read.
 */
export async function readCommits(git: InMirror, from: string | null, to: string) {
  const [commits, count] = await Promise.all([
    readLog(git, from, to),
    git(['rev-list', '--count', ...rangeOf(from, to), '--']),
  ]);
  if (count.code !== 0) throw brokenMirror('count the commits', count);
  return {
    commits: commits.map(({ sha, title, emails }): Commit => ({ sha, title, emails })),
    total: Number(count.stdout.trim()),
  };
}

export async function readMessages(git: InMirror, from: string | null, to: string) {
  const commits = await readLog(git, from, to);
  return commits.map(({ sha, message }): Message => ({ sha, message }));
}
