import type { Outcome, Plan } from '../domain/plan.ts';
import { refOf } from '../domain/plan.ts';
import { ask } from './ask.ts';
import { GoBack } from './closed.ts';
import { watching } from './proxies.ts';
import type { Rollout } from './rollout.ts';
import { twin } from './twin.ts';

/**
 * Critical paths against what is served: auth, payments, core. They fail: it goes back, unless the release before
 * would fail alike; then a person is asked, and their answer is the outcome.
 */
export async function smoke(rollout: Rollout, plan: Plan): Promise<Outcome | null> {
  rollout.enter('smoke');
  const { target, timing } = plan;
  const input = { deploy: refOf(plan), target, smoke: plan.smoke, timing };
  const result = await rollout.attempt(
    'smoke',
    () => watching.runSmoke(input),
    timing.stuckGiveUpMs,
  );
  rollout.show({ smoke: result });
  if (result.ok) return null;
  const failed = result.checks.filter((check) => check.outcome === 'failed');
  const detail =
    failed.map((check) => `${check.path}: ${check.detail}`).join('; ') || 'nothing was checked';
  const elsewhere = await twin(plan);
  if (elsewhere !== null) return await askWhy(rollout, plan, [elsewhere, `smoke: ${detail}`]);
  throw new GoBack({ kind: 'smoke', blames: 'release', detail });
}

function askWhy(rollout: Rollout, plan: Plan, reasons: string[]): Promise<Outcome> {
  rollout.show({ watch: { verdict: 'ask', sources: [], looks: 0, reasons } });
  return ask(rollout, plan);
}
