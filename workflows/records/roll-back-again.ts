import type { Place } from '../../domain/contract/activities.ts';
import {
  notRolledBackAgainPage,
  nothingReturned,
  rolledBackAgain,
} from '../../domain/messages/returned.ts';
import type { Plan } from '../../domain/deploy/plan.ts';
import { sentence } from '../closed.ts';
import { proveRollback, rollBackAll } from '../platforms/index.ts';
import { paging, weighing } from '../proxies.ts';
import { Rollout } from '../rollout.ts';

type RolledBackAgain = { rolledBack: boolean; detail: string };

/**
 * Rolls back a release that was rolled back before and is served again, because an effect of a
 * worker came late. The workflow id is the lock of the place, so no deploy runs at the same time.
 * The worker itself checks which release is served. It seals the plan again only if the release is
 * back. People are paged if the rollback fails. If the worker cannot check this within 3 minutes, the
 * workflow fails and frees the lock, because the next drift check starts it again.
 */
export async function rollBackAgain(place: Place): Promise<RolledBackAgain> {
  const rollout = new Rollout(place);
  const plan = await weighing.sealReturned(place);
  if (!plan) return { rolledBack: false, detail: nothingReturned };
  rollout.show({ deployId: plan.deployId });
  rollout.lock.hold({ ...plan, priority: 'normal' }, { gives: false });
  rollout.seal({ plan, gates: [], digest: '' });
  const failing = await rollBack(rollout, plan);
  if (failing !== null) await paging.page(notRolledBackAgainPage(plan, failing));
  await rollout.answered();
  return { rolledBack: failing === null, detail: failing ?? rolledBackAgain(plan) };
}

/** Returns null if the rollback is proven. Otherwise, returns the reason for people. */
async function rollBack(rollout: Rollout, plan: Plan): Promise<string | null> {
  try {
    await rollBackAll(rollout, plan);
    return await proveRollback(rollout, plan);
  } catch (failure) {
    return sentence(failure);
  }
}
