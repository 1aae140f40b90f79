import type { Commit } from '../plan.ts';

const titleLength = 60;

/**
 * The commits a plan shows: newest first, short titles. Who must approve is decided by all of them;
 * the list is for people and is bounded because the plan lies in a memo.
 */
export function listedCommits(
  all: readonly Commit[],
  { total, limit }: { total: number; limit: number },
): { commits: Commit[]; commitsLeftOut: number } {
  const commits = all.slice(0, limit).map(({ sha, title, emails }) => ({
    sha,
    title: title.length > titleLength ? `${title.slice(0, titleLength - 1)}…` : title,
    emails: emails.slice(0, 3),
  }));
  return { commits, commitsLeftOut: Math.max(0, total - commits.length) };
}
