import type { SealedPlan } from '../domain/plan.ts';
import type { SignedDecision } from '../domain/schema.ts';
import { gatesStillOpen } from './preflight.ts';
import { reading } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/** A build may take an hour: what stood before it is asked once more, right before production is touched. */
export async function mayTouch(rollout: Rollout, sealed: SealedPlan, signed: SignedDecision[]) {
  await gatesStillOpen(rollout, sealed.plan, { built: true });
  await reading.verifyApprovals({ sealed, signed, built: true });
}
