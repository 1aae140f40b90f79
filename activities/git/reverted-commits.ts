import type { Message } from './commits.ts';

export type RevertedCommits = {
  /** Commits that another commit reverted. */
  shas: Set<string>;
  /** Ids of the deploys that a revert commit of Plimsoll reverted. */
  deploys: Set<string>;
  /** Merge commits that somebody reverted. `kept` is the parent whose content was kept. */
  merges: { merge: string; kept: string }[];
};

const reverts =
  /^This reverts commit ([0-9a-f]{40})(?:, reversing\s+changes made to ([0-9a-f]{40}))?/gm;
const deploy = /^Plimsoll-Deploy: (\S+)$/gm;

/**
 * Finds the reverted commits in the messages. The caller passes `commits` newest first. A revert
 * does not count if a later commit reverted the revert.
 */
export function reverted(commits: readonly Message[]): RevertedCommits {
  const back: RevertedCommits = { shas: new Set(), deploys: new Set(), merges: [] };
  for (const { sha, message } of commits) {
    if (back.shas.has(sha)) continue;
    for (const [, merge = '', kept] of message.matchAll(reverts)) {
      back.shas.add(merge);
      if (kept) back.merges.push({ merge, kept });
    }
    for (const [, id = ''] of message.matchAll(deploy)) back.deploys.add(id);
  }
  return back;
}
