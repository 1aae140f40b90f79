import type { Plan } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { refused, unsealed } from './warrant.ts';

/**
 * The content that the seal of a plan covers. `recorded` is true if the ledger has the plan as the
 * start of a deploy. Otherwise, the plan is only shown to people.
 */
export const planBody = (plan: Plan, recorded: boolean) => ({
  plan: unsealed(plan),
  runId: currentRun(),
  ...(recorded ? {} : { recorded }),
});

/** Returns the plan if a worker made it in this workflow run, else throws. */
export function madeHere(seals: Seals, plan: Plan | undefined): { plan: Plan; recorded: boolean } {
  const whyNot = (recorded: boolean) =>
    plan ? seals.whyInvalid('plan', planBody(plan, recorded), plan.seal) : 'the input has no plan';
  const why = whyNot(true);
  if (plan && why === null) return { plan, recorded: true };
  if (plan && whyNot(false) === null) return { plan, recorded: false };
  throw refused(`no worker made this plan in this workflow run: ${why}`);
}
