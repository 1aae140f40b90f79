import type { HostState, Plan } from '../../domain/deploy/plan.ts';
import { rollingBack } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';

/**
 * Reads every place again after the rollback. The step fails while a place does not serve the
 * rollback target, or is not healthy.
 */
export async function proveRollback(rollout: Rollout, plan: Plan): Promise<void> {
  const { sha, platformId } = plan.rollbackTarget ?? {};
  await rollout.runRollbackStep(
    'prove the rollback',
    async () => {
      const states = await rollingBack.inspectHosts({ target: plan.target });
      // If the rollback target has a platform id, the ids are compared, because an adopted
      // deployment may have no commit.
      const isThere = (state: HostState) =>
        platformId === undefined ? state.sha === sha : state.id === platformId;
      const wrong = states.filter((state) => !isThere(state) || !state.healthy);
      if (wrong.length > 0 || states.length === 0)
        throw new Error(
          `not rolled back, or not healthy: ${wrong.map((state) => state.host).join(', ')}`,
        );
      rollout.rolledBack(states);
    },
    plan.timing.rollbackGiveUpMs,
  );
}
