import type { BranchLook, EntryKind } from '../activities.ts';
import { plimsoll } from '../messages.ts';
import type { GateReport } from '../plan.ts';

const short = (sha: string) => sha.slice(0, 7);

/** `waits`: the next look sees whether it still does. */
export type Push = { verdict: 'nothing' | 'waits' | 'asks'; why: string };

const knownAs: Partial<Record<EntryKind, string>> = {
  started: 'a deploy of it was begun here already, and a commit is never tried twice by itself',
  adopted: 'it was adopted here',
  revert: 'it is the revert that Plimsoll pushed',
};

/** Is what the branch points at asked for? What was tried here before, however it ended, never is. */
export function judgePush({ branch, head, known, open, refused, stopped }: BranchLook): Push {
  if (head === null) return { verdict: 'waits', why: `there is no branch ${branch}` };
  if (known) return { verdict: 'nothing', why: `${short(head)}: ${knownAs[known] ?? known}` };
  if (stopped) return { verdict: 'waits', why: stopped };
  if (open && refused) return { verdict: 'waits', why: `for ${open} to end: ${refused}` };
  return { verdict: 'asks', why: `${branch} is at ${short(head)}` };
}

/** The gates that a push waits for: CI runs while the branch has moved already. */
export function judgeEarly(gates: readonly GateReport[]): string | null {
  const closed = gates.filter(({ open }) => !open);
  const reasons = closed.flatMap(({ gate, reasons: whys }) => whys.map((why) => `${gate}: ${why}`));
  return closed.length === 0 ? null : reasons.join('; ').slice(0, 500) || 'a gate is closed';
}

type Where = { project: string; environment: string };

/** Once for each reason, so that a push which waits is not silent. */
export function pushWaitsNote({ project, environment }: Where, look: BranchLook, why: string) {
  const where = `${project} ${environment}`;
  const what = look.head ? `${short(look.head)} on ${look.branch}` : look.branch;
  return [
    `${where}: a push is not deployed yet: ${what} waits: ${why}.`,
    'It is looked at again and again; nothing is to be done, unless you want it now:',
    `${plimsoll} deploy ${where}${look.head ? ` --ref ${look.head.slice(0, 12)}` : ''}`,
  ].join('\n');
}
