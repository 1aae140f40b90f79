import type { LateRollback } from '../../domain/contract/activities.ts';
import type { Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { nextEpoch } from './epoch.ts';
import type { Guard, GuardDeps } from './guard-types.ts';
import { vouched } from './plans.ts';
import { refused, vouchedBy, warrantFor } from './warrant.ts';

type Asked = SealedPlan & { purpose: 'rollback' | 'ask' };

/** Adds a warrant to the plan of a late rollback. */
async function withWarrant(
  { seals, ledger, now: clock = Date.now }: GuardDeps,
  { plan, digest, purpose }: Asked,
): Promise<Plan> {
  const now = clock();
  const epoch = await nextEpoch(ledger, plan, now);
  const runId = currentRun() ?? '';
  return { ...plan, warrant: warrantFor(seals, { plan, digest, runId, now, epoch, purpose }) };
}

/**
 * The guard of the activity that plans a late rollback. The activity verifies the signed request.
 * If an approver must sign the rollback, the warrant only allows a question to the approvers.
 */
export const plansRollback: Guard = async (deps, { input, work }) => {
  const made = (await work({ ...input, runId: currentRun() })) as LateRollback;
  const purpose = made.plan.forwardOnly === undefined ? 'rollback' : 'ask';
  return { ...made, plan: await withWarrant(deps, { ...made, purpose }) };
};

/**
 * The guard of the activity that verifies the signed answer. Replaces the warrant of the question by
 * the warrant of the rollback.
 */
export const allowsRollback: Guard = async (deps, call) => {
  const sealed = call.input['sealed'] as SealedPlan | undefined;
  const asked = vouchedBy(deps.seals, sealed?.plan);
  if (asked.purpose !== 'ask') throw refused('nobody was asked whether this rollback may begin');
  if (currentRun() !== asked.runId) throw refused('another workflow run asked the question');
  const allowed = (await vouched(deps, call)) as SealedPlan;
  return { ...allowed, plan: await withWarrant(deps, { ...allowed, purpose: 'rollback' }) };
};
