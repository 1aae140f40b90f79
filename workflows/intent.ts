import type { Plan } from '../domain/plan.ts';
import { intentOf } from '../domain/policy/lost.ts';
import { intending } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/**
 * Right before the first effect: the way back lies in the ledger, where it survives this workflow, and the dead
 * man's message lies at Slack, where it survives the worker and the server.
 */
export async function declareIntent(rollout: Rollout, plan: Plan) {
  const { deployId, project, environment, sha, release, restoreTo } = plan;
  const body = { sha, release, restoreTo, plan: intentOf(plan) };
  const key = `${deployId}/released`;
  const entry = { kind: 'released', key, deployId, project, environment, body } as const;
  await rollout.attempt(
    'record the intent',
    () => intending.append(entry),
    plan.timing.stuckGiveUpMs,
  );
  rollout.declared = true;
  await rollout.deadMan.arm(plan);
  rollout.notes.deployment(rollout.status);
}
