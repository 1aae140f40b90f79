import type { BranchSnapshot, EntryKind } from '../contract/activities.ts';
import type { GateReport } from '../deploy/plan.ts';

const short = (sha: string) => sha.slice(0, 7);

/**
 * The verdict about a branch. `asks`: Plimsoll requests a deploy now. `waits`: the next check
 * decides again. `nothing`: there is nothing to deploy.
 */
export type Push = { verdict: 'nothing' | 'waits' | 'asks'; why: string };

const knownAs: Partial<Record<EntryKind, string>> = {
  started: 'a deploy of this commit already began here, so Plimsoll does not request it again',
  adopted: 'this commit was adopted here',
  revert: 'this commit is the revert that Plimsoll pushed',
};

/**
 * Decides whether Plimsoll requests a deploy of the branch's newest commit. Plimsoll requests each
 * commit only once in an environment.
 */
export function judgePush({ branch, head, known, open, refused, stopped }: BranchSnapshot): Push {
  if (head === null) return { verdict: 'waits', why: `there is no branch ${branch}` };
  if (known) return { verdict: 'nothing', why: `${short(head)}: ${knownAs[known] ?? known}` };
  if (stopped) return { verdict: 'waits', why: stopped };
  if (open && refused)
    return { verdict: 'waits', why: `the deploy ${open} must end first (${refused})` };
  return { verdict: 'asks', why: `${branch} is at ${short(head)}` };
}

/**
 * Returns a text about the closed gates; null = every gate is open. The CI of a push may still run,
 * so a push waits while these gates are closed.
 */
export function judgeEarly(gates: readonly GateReport[]): string | null {
  const closed = gates.filter(({ open }) => !open);
  const reasons = closed.flatMap(({ gate, reasons: whys }) => whys.map((why) => `${gate}: ${why}`));
  return closed.length === 0 ? null : reasons.join('; ').slice(0, 500) || 'a gate is closed';
}
