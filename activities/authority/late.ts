import type { LateRollback } from '../../domain/contract/activities.ts';
import type { SealedPlan, Warrant } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { refused, vouchedBy, warrantFor } from './warrant.ts';

/**
 * Adds the warrant to the plan of a late rollback. If an approver must sign the rollback, the
 * warrant allows only the question.
 */
export function sealLate(seals: Seals, made: LateRollback, now: number): LateRollback {
  const { plan, digest } = made;
  const purpose = plan.forwardOnly === undefined ? 'rollback' : 'ask';
  const warrant = warrantFor(seals, { plan, digest, runId: currentRun() ?? '', now, purpose });
  return { ...made, plan: { ...plan, warrant } };
}

/** Checks that this run asks the question about the rollback of this plan. Returns its warrant. */
export function askedBy(seals: Seals, sealed: SealedPlan | undefined): Warrant {
  const warrant = vouchedBy(seals, sealed?.plan);
  if (warrant.purpose !== 'ask') throw refused('nobody was asked whether this rollback may begin');
  if (currentRun() !== warrant.runId) throw refused('another workflow run asked the question');
  return warrant;
}

/** Replaces the warrant of the question by the warrant of the rollback. */
export function sealAllowed(seals: Seals, { plan, ...rest }: SealedPlan, now: number): SealedPlan {
  const { digest } = rest;
  const runId = currentRun() ?? '';
  const warrant = warrantFor(seals, { plan, digest, runId, now, purpose: 'rollback' });
  return { ...rest, plan: { ...plan, warrant } };
}
