import type { Plan } from '../../domain/plan.ts';
import { restoring } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';

/** Every place is looked at again, after all of them were restored. */
export async function proveRestored(rollout: Rollout, plan: Plan): Promise<void> {
  const { sha, platformId } = plan.restoreTo ?? {};
  await rollout.insist(
    'prove the restore',
    async () => {
      const states = await restoring.inspectHosts({ target: plan.target });
      const wrong = states.filter(
        (state) =>
          state.sha !== sha ||
          !state.healthy ||
          (platformId !== undefined && state.id !== platformId),
      );
      if (wrong.length > 0 || states.length === 0)
        throw new Error(`not restored: ${wrong.map((state) => state.host).join(', ')}`);
      rollout.restored(states);
    },
    plan.timing.restoreGiveUpMs,
  );
}
