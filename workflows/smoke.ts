import type { Outcome, Plan } from '../domain/deploy/plan.ts';
import { refOf } from '../domain/deploy/plan.ts';
import { awaitDecision } from './decision.ts';
import { RollbackNeeded } from './closed.ts';
import { watching } from './proxies.ts';
import type { Rollout } from './rollout.ts';
import { externalOutage } from './external-outage.ts';

/**
 * Probes the critical paths of the live release, which are auth, payments and core. Returns null if
 * all paths pass. If a path fails, throws RollbackNeeded. In an external outage, asks a person
 * instead, and returns the outcome of the answer.
 */
export async function smoke(rollout: Rollout, plan: Plan): Promise<Outcome | null> {
  rollout.enter('smoke');
  const { target, warrant, timing } = plan;
  const input = { deploy: refOf(plan), warrant, target, smoke: plan.smoke, timing };
  const result = await rollout.runStep(
    'smoke',
    () => watching.runSmoke(input),
    timing.stuckGiveUpMs,
  );
  rollout.show({ smoke: result });
  if (result.ok) return null;
  const failed = result.checks.filter((check) => check.outcome === 'failed');
  const detail =
    failed.map((check) => `${check.path}: ${check.detail}`).join('; ') || 'nothing was checked';
  const elsewhere = await externalOutage(plan);
  if (elsewhere !== null) return await askWhy(rollout, plan, [elsewhere, `smoke: ${detail}`]);
  throw new RollbackNeeded({ kind: 'smoke', blames: 'release', detail });
}

function askWhy(rollout: Rollout, plan: Plan, reasons: string[]): Promise<Outcome> {
  rollout.show({ watch: { verdict: 'inconclusive', sources: [], samples: 0, reasons } });
  return awaitDecision(rollout, plan);
}
