import type { Commit } from '../plan.ts';

const titleLength = 60;

/** The number of its pull request stays. */
function shortened(title: string): string {
  if (title.length <= titleLength) return title;
  const number = / \(#\d+\)$/.exec(title)?.[0] ?? '';
  return `${title.slice(0, titleLength - 1 - number.length)}…${number}`;
}

/**
 * The commits a plan shows: newest first, short titles. Who must approve is decided by all of them;
 * the list is for people and is bounded because the plan lies in a memo.
 */
export function listedCommits(
  all: readonly Commit[],
  { total, limit }: { total: number; limit: number },
): { commits: Commit[]; commitsLeftOut: number } {
  const commits = all.slice(0, limit).map(({ sha, title, pull, emails }) => ({
    sha,
    title: shortened(title),
    ...(pull === undefined ? {} : { pull: shortened(pull) }),
    emails: emails.slice(0, 3),
  }));
  return { commits, commitsLeftOut: Math.max(0, total - commits.length) };
}
