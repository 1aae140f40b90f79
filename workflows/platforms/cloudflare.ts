import type { PlanOn } from '../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../domain/platforms/cloudflare/target.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import { Closed } from '../closed.ts';
import { releasing, rollingBackWithin } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { Compensations } from '../compensations.ts';
import type { Back, Cleared } from './index.ts';

type Plan = PlanOn<CloudflareTarget>;
type Step = <T>(name: string, act: () => Promise<T>) => Promise<T>;
type Steps = Cleared<Plan> & { compensations: Compensations; step: Step };

/**
 * all-at-once   wrangler deploy ───────────────────────────────────────────────────┐
 * gradual       upload ─ smoke test │ 10 % ─ probe ─ 100 % ─ routes and schedules ─┴─ prove
 *
 * A new Worker is always released all at once, because there is no live version to share the
 * traffic.
 */
export async function release(
  rollout: Rollout,
  compensations: Compensations,
  { plan, recheckBeforeFirstEffect }: Cleared<Plan>,
): Promise<void> {
  const step: Step = (name, act) => rollout.runStep(name, act, plan.timing.stuckGiveUpMs);
  const on = stepOf(plan);
  const served = plan.live[0]?.id ?? null;
  const steps = { plan, compensations, step, recheckBeforeFirstEffect };
  await step('read what is served', () => releasing.checkServed({ ...on, expected: served }));
  const gradual = plan.target.rollout === 'gradual' && served !== null;
  const id = gradual ? await bySteps(steps, served) : await atOnce(steps, served);
  const { timing } = plan;
  await step(`prove ${plan.target.worker}`, () => releasing.proveWorker({ ...on, id, timing }));
}

async function atOnce(steps: Steps, expected: string | null): Promise<string> {
  const { plan, compensations, step, recheckBeforeFirstEffect } = steps;
  await recheckBeforeFirstEffect();
  compensations.pushAll(back(plan));
  const deployed = await step('wrangler deploy', () =>
    releasing.deployWorker({ ...stepOf(plan), expected }),
  );
  if ('id' in deployed) return deployed.id;
  compensations.pop();
  throw new Closed('aborted', [deployed.untouched]);
}

async function bySteps(
  { plan, compensations, step, recheckBeforeFirstEffect }: Steps,
  other: string,
): Promise<string> {
  const on = stepOf(plan);
  const { smoke, timing } = plan;
  const { id, made } = await step('upload a version', () => releasing.uploadVersion(on));
  const version = { ...on, id, made };
  await step(`try version ${id}`, () => releasing.smokeVersion({ ...version, smoke, timing }));
  await recheckBeforeFirstEffect();
  await step('read what is served', () => releasing.checkServed({ ...on, expected: other }));
  compensations.pushAll(back(plan));
  await step('give the new version 10 % of the traffic', () =>
    releasing.shareTraffic({ ...version, other, percentage: 10 }),
  );
  await step('probe the new version with 10 %', () =>
    releasing.holdShare({ ...version, other, smoke, timing }),
  );
  await step('give the new version all traffic', () =>
    releasing.shareTraffic({ ...version, other, percentage: 100 }),
  );
  await step('set routes and schedules', () => releasing.setTriggers(version));
  return id;
}

/**
 * Returns the rollback step. The step makes the recorded version live, whichever version is live
 * now.
 */
export const back = (plan: Plan): Back[] => [
  {
    name: `roll ${plan.target.worker} back`,
    act: () =>
      rollingBackWithin(plan.timing).rollBackWorker({
        ...stepOf(plan),
        release: plan.rollbackTarget ?? plan.release,
        timing: plan.timing,
      }),
  },
];

const stepOf = (plan: Plan) => ({
  deploy: refOf(plan),
  warrant: plan.warrant,
  target: plan.target,
  release: plan.release,
});
