import type { Plan } from '../domain/deploy/plan.ts';
import { intending } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/**
 * Writes the rollback target to the ledger, so that the target is known even if this workflow is
 * lost. Then schedules the dead man's switch. This is a message that Slack posts even while the
 * worker and the server are down. Call this function right before the first effect.
 */
export async function declareIntent(rollout: Rollout, plan: Plan) {
  const { deployId, project, environment, sha, release, rollbackTarget, warrant } = plan;
  const body = { sha, release, rollbackTarget, plan };
  const key = `${deployId}/released`;
  const place = { deployId, project, environment };
  const entry = { kind: 'released', key, ...place, body, warrant } as const;
  await rollout.runStep(
    'record the intent',
    () => intending.append(entry),
    plan.timing.stuckGiveUpMs,
  );
  rollout.declared = true;
  await rollout.deadMansSwitch.arm(plan);
  rollout.notes.deployment(rollout.status);
}
