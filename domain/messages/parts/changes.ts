import type { Commit, FilesOfKind, PullRequest } from '../../deploy/plan.ts';

/** A pull request with its commits, newest first. */
export type PullCommits = PullRequest & { shas: string[] };

/**
 * Separates the commits that GitHub knows from a pull request from all other commits. GitHub names
 * the pull requests. The titles of the other commits are texts of their authors, so a text such as
 * "(#12)" in such a title is not the number of a pull request.
 */
export function byPull(commits: readonly Commit[]): { pulls: PullCommits[]; others: Commit[] } {
  const pulls = new Map<number, PullCommits>();
  for (const { sha, pull } of commits) {
    if (pull === undefined) continue;
    const known = pulls.get(pull.number);
    if (known) known.shas.push(sha);
    else pulls.set(pull.number, { ...pull, shas: [sha] });
  }
  return {
    pulls: [...pulls.values()],
    others: commits.filter(({ pull }) => pull === undefined),
  };
}

/** For example "3 code: src/a.ts, src/b.ts and 1 more". */
export function filesLine({ kind, files, names }: FilesOfKind): string {
  const more = files > names.length ? ` and ${files - names.length} more` : '';
  return `${files} ${kind}: ${names.join(', ')}${more}`;
}
