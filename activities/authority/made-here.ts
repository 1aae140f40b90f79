import type { Plan } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { refused, unsealed } from './warrant.ts';

/** Returns the plan if a worker made it in this workflow run, else throws. */
export function madeHere(seals: Seals, plan: Plan | undefined): Plan {
  const why = plan
    ? seals.whyInvalid('plan', { plan: unsealed(plan), runId: currentRun() }, plan.seal)
    : 'the input has no plan';
  if (why) throw refused(`no worker made this plan in this workflow run: ${why}`);
  return plan as Plan;
}
