import type { Message } from './commits.ts';

export type TakenBack = {
  /** Commits whose effect another one took back. */
  shas: Set<string>;
  /** Deploys of Plimsoll whose whole range was taken back. */
  deploys: Set<string>;
  /** Merges that were taken back by hand, and the parent that was kept. */
  merges: { merge: string; kept: string }[];
};

const reverts =
  /^This reverts commit ([0-9a-f]{40})(?:, reversing\s+changes made to ([0-9a-f]{40}))?/gm;
const deploy = /^Plimsoll-Deploy: (\S+)$/gm;

/** Of commits, newest first: a revert that was reverted takes nothing back. */
export function takenBack(commits: readonly Message[]): TakenBack {
  const back: TakenBack = { shas: new Set(), deploys: new Set(), merges: [] };
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
