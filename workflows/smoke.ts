import type { Plan } from '../domain/plan.ts';
import { refOf } from '../domain/plan.ts';
import { GoBack } from './closed.ts';
import { watching } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/** Critical paths against what is served: auth, payments, core. */
export async function smoke(rollout: Rollout, plan: Plan) {
  rollout.enter('smoke');
  const { target, timing } = plan;
  const input = { deploy: refOf(plan), target, smoke: plan.smoke, timing };
  const result = await rollout.attempt(
    'smoke',
    () => watching.runSmoke(input),
    timing.stuckGiveUpMs,
  );
  rollout.show({ smoke: result });
  if (result.ok) return;
  const failed = result.checks.filter((check) => check.outcome === 'failed');
  const detail =
    failed.map((check) => `${check.path}: ${check.detail}`).join('; ') || 'nothing was checked';
  throw new GoBack({ kind: 'smoke', blames: 'release', detail });
}
