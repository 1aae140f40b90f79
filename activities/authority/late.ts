import type { LateRollback } from '../../domain/contract/activities.ts';
import type { Plan, SealedPlan, Warrant } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import { currentRun } from '../lib/temporal-context.ts';
import type { Guard } from './guard-types.ts';
import { vouched } from './plans.ts';
import { refused, vouchedBy, warrantFor } from './warrant.ts';

type Sealing = Pick<SealedPlan, 'plan' | 'digest'> & { purpose: Warrant['purpose']; now: number };

/** Adds a warrant to the plan of a late rollback. */
const withWarrant = (seals: Seals, { plan, digest, purpose, now }: Sealing): Plan => ({
  ...plan,
  warrant: warrantFor(seals, { plan, digest, runId: currentRun() ?? '', now, purpose }),
});

/**
 * The guard of the activity that plans a late rollback. The activity verifies the signed request. If
 * an approver must sign the rollback, the warrant allows only the question.
 */
export const plansRollback: Guard = async ({ seals, now = Date.now }, { input, work }) => {
  const made = (await work({ ...input, runId: currentRun() })) as LateRollback;
  const purpose = made.plan.forwardOnly === undefined ? 'rollback' : 'ask';
  return { ...made, plan: withWarrant(seals, { ...made, purpose, now: now() }) };
};

/**
 * The guard of the activity that verifies the signed answer. Replaces the warrant of the question by
 * the warrant of the rollback.
 */
export const allowsRollback: Guard = async (deps, call) => {
  const { seals, now = Date.now } = deps;
  const asked = vouchedBy(seals, (call.input['sealed'] as SealedPlan | undefined)?.plan);
  if (asked.purpose !== 'ask') throw refused('nobody was asked whether this rollback may begin');
  if (currentRun() !== asked.runId) throw refused('another workflow run asked the question');
  const allowed = (await vouched(deps, call)) as SealedPlan;
  return { ...allowed, plan: withWarrant(seals, { ...allowed, purpose: 'rollback', now: now() }) };
};
