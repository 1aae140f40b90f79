import type { Commit } from './plan.ts';

const titleLength = 60;

const shortened = (title: string): string =>
  title.length <= titleLength ? title : `${title.slice(0, titleLength - 1)}…`;

/**
 * Returns the commits that a plan shows to people: newest first, with short titles. A memo stores
 * the plan, so the list must be short. The approval rule counts all commits, also those that are
 * not listed.
 */
export function listedCommits(
  all: readonly Commit[],
  { total, limit }: { total: number; limit: number },
): { commits: Commit[]; commitsLeftOut: number } {
  const commits = all.slice(0, limit).map(({ sha, title, pull, emails }) => ({
    sha,
    title: shortened(title),
    ...(pull === undefined ? {} : { pull: { ...pull, title: shortened(pull.title) } }),
    emails: emails.slice(0, 3),
  }));
  return { commits, commitsLeftOut: Math.max(0, total - commits.length) };
}
