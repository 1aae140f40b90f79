import type { SealedPlan } from '../domain/deploy/plan.ts';
import type { SignedDecision } from '../domain/config/config.ts';
import { gatesStillOpen } from './preflight.ts';
import { reading } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/**
 * Checks gates and approvals again right before the first effect, because the build may have taken
 * an hour.
 */
export async function recheckBeforeFirstEffect(
  rollout: Rollout,
  sealed: SealedPlan,
  signed: SignedDecision[],
) {
  await gatesStillOpen(rollout, sealed.plan, { built: true });
  await reading.verifyApprovals({ sealed, signed, built: true });
}
