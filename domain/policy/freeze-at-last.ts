import { plimsoll } from '../messages.ts';
import type { Plan } from '../plan.ts';
import { judgeFreeze, needsOf, windowsBetween } from './freeze.ts';
import type { Freeze } from './freeze.ts';
import { longestRelease } from './platform-bounds.ts';

/** What is left to its verdict once it is built, and prepared where that happens beside what is served. */
export function leftOf({ target, timing }: Pick<Plan, 'target' | 'timing'>): number {
  const { startUpMs, windowMs } = timing;
  if (target.platform !== 'vps') return longestRelease(target, timing).toProveMs + windowMs;
  const { hosts, checkout } = target;
  return checkout === 'in-place'
    ? needsOf({ target, timing })
    : hosts.length * startUpMs + windowMs;
}

type Planned = Pick<
  Plan,
  'environment' | 'project' | 'ref' | 'target' | 'timing' | 'priority' | 'reason' | 'freezes'
>;

/**
 * By today's windows, right before the first effect. A hotfix whose approvers did not read of the window waits
 * for them; null: it goes on. `now` in epoch milliseconds; `built`: only what is left counts.
 */
export function freezeAtLast(
  plan: Planned,
  freezes: readonly Freeze[],
  { now, built }: { now: number; built: boolean },
): string | null {
  const needsMs = built ? leftOf(plan) : needsOf(plan);
  const to = now + needsMs;
  const near = windowsBetween(freezes, plan.environment, { from: now, to });
  // One that begins with the verdict is not met.
  const windows = near.filter(({ from }) => from < to);
  const { priority, reason, project, environment, ref } = plan;
  const judged = judgeFreeze({ windows, now, needsMs, hotfix: priority === 'P0', reason });
  const [first = ''] = judged.reasons;
  if (!judged.open) return `freeze: ${first}`;
  const unseen = windows.find(
    ({ name, from }) => !plan.freezes?.some((one) => one.name === name && one.from === from),
  );
  if (!unseen) return null;
  return (
    `freeze: "${unseen.name}" came after this was planned, and its approvers did not read of it; ask them again: ` +
    `${plimsoll} deploy ${project} ${environment} --ref ${ref} --priority P0 --reason "why it cannot wait"`
  );
}
