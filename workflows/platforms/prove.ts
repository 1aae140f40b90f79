import type { HostState, Plan } from '../../domain/plan.ts';
import { restoring } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';

/** Every place is looked at again, after all of them were restored. */
export async function proveRestored(rollout: Rollout, plan: Plan): Promise<void> {
  const { sha, platformId } = plan.restoreTo ?? {};
  await rollout.insist(
    'prove the restore',
    async () => {
      const states = await restoring.inspectHosts({ target: plan.target });
      // The id says more than the commit: an adopted deployment may have none.
      const isThere = (state: HostState) =>
        platformId === undefined ? state.sha === sha : state.id === platformId;
      const wrong = states.filter((state) => !isThere(state) || !state.healthy);
      if (wrong.length > 0 || states.length === 0)
        throw new Error(`not restored: ${wrong.map((state) => state.host).join(', ')}`);
      rollout.restored(states);
    },
    plan.timing.restoreGiveUpMs,
  );
}
