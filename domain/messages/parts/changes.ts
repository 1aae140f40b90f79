import type { Commit, FilesOfKind, PullRequest } from '../../deploy/plan.ts';

/** A pull request with its commits, newest first. */
export type PullCommits = PullRequest & { shas: string[] };

/**
 * Separates commits with a pull request from all other commits. Only GitHub's answer says which
 * pull request a commit belongs to. An author can write a text such as "(#12)" into the title of a
 * commit, so the title proves no pull request.
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

/** Returns one line about changed files, such as "3 code: src/a.ts, src/b.ts and 1 more". */
export function filesLine({ kind, files, names }: FilesOfKind): string {
  const more = files > names.length ? ` and ${files - names.length} more` : '';
  return `${files} ${kind}: ${names.join(', ')}${more}`;
}
