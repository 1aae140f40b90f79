import type { Cause, Outcome, Plan, Warrant } from '../../domain/deploy/plan.ts';
import { consequences, reopensIssues } from '../../domain/incident/incident.ts';
import { isAfterRollback } from '../../domain/rollback/lost.ts';
import { available } from '../approval/ruling.ts';
import type { Guard, GuardDeps } from './guard-types.ts';
import { vouched } from './plans.ts';
import { refused, vouchedBy } from './warrant.ts';

type Failed = { outcome: Outcome; cause: Cause | undefined };

/** Returns the end of a failed deploy. Throws a refusal if the ledger has no such end. */
export async function failedEnd({ ledger }: GuardDeps, { deploy }: Warrant): Promise<Failed> {
  const closed = await available(ledger.find(`${deploy.deployId}/closed`));
  const { outcome, cause } = (closed?.body ?? {}) as Partial<Failed>;
  if (!outcome || !isAfterRollback(outcome))
    throw refused('the ledger does not say that this deploy failed');
  return { outcome, cause };
}

/**
 * Returns what may follow the recorded end of the deploy. This may be a revert, a quarantine or the
 * reopening of issues. Throws a refusal if the ledger does not say why the deploy failed.
 */
export function followsFrom(plan: Plan, { outcome, cause }: Failed) {
  if (!cause) throw refused('the ledger does not say why this deploy failed');
  const rolledBackTo = outcome === 'rollback-not-approved' ? null : plan.rollbackTarget;
  const ended = { plan, cause, outcome, rolledBackTo };
  const { revert, quarantine } = consequences(ended);
  return { revert, quarantine, reopen: reopensIssues(ended) };
}

/** Lets a worker revert the branch or reopen issues only if the recorded end of the deploy asks for it. */
export const afterFailure: Guard = async (deps, call) => {
  const plan = call.input['plan'] as Plan | undefined;
  const end = await failedEnd(deps, vouchedBy(deps.seals, plan));
  const { revert, reopen } = followsFrom(plan as Plan, end);
  if (!(call.name === 'revertMain' ? revert : reopen))
    throw refused(`this does not follow from the end of the deploy (${end.outcome})`);
  return await vouched(deps, call);
};
