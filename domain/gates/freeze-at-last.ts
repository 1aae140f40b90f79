import { shellWord } from '../lib/shell-word.ts';
import { plimsoll } from '../deploy/wire.ts';
import type { Plan } from '../deploy/plan.ts';
import { judgeFreeze, needsOf, windowsBetween } from './freeze.ts';
import type { Freeze } from './freeze.ts';
import { specOf } from '../platforms/index.ts';

/** Returns the longest time, in milliseconds, from the finished build to the verdict. */
export const leftOf = ({ target, timing }: Pick<Plan, 'target' | 'timing'>): number =>
  specOf(target).longest(target, timing).toProveMs + timing.windowMs;

type Planned = Pick<
  Plan,
  'environment' | 'project' | 'ref' | 'target' | 'timing' | 'priority' | 'reason' | 'freezeWindows'
>;

/**
 * Checks the configured freeze windows right before the first effect. Returns the reason to refuse
 * the deploy; null: the deploy may continue. A hotfix is refused if its approvers did not see the
 * freeze window. `now` is in epoch milliseconds. `built` = true: the build has ended, so only the
 * time after the build counts.
 */
export function freezeAtLast(
  plan: Planned,
  freezeWindows: readonly Freeze[],
  { now, built }: { now: number; built: boolean },
): string | null {
  const needsMs = built ? leftOf(plan) : needsOf(plan);
  const to = now + needsMs;
  const near = windowsBetween(freezeWindows, plan.environment, { from: now, to });
  // A freeze window may begin exactly at the time of the verdict.
  const windows = near.filter(({ from }) => from < to);
  const { priority, reason, project, environment, ref } = plan;
  const judged = judgeFreeze({ windows, now, needsMs, hotfix: priority === 'P0', reason });
  const [first = ''] = judged.reasons;
  if (!judged.open) return `freeze: ${first}`;
  const unseen = windows.find(
    ({ name, from }) => !plan.freezeWindows?.some((one) => one.name === name && one.from === from),
  );
  if (!unseen) return null;
  return (
    `freeze: "${unseen.name}" is newer than this plan, so the approvers of this plan did not see ` +
    `the freeze window. Ask the approvers again: ${plimsoll} deploy ${project} ${environment} ` +
    `--ref ${shellWord(ref)} --priority P0 --reason "why it cannot wait"`
  );
}
