import type { CloudflareTarget, PlanOn } from '../../domain/plan.ts';
import { refOf } from '../../domain/plan.ts';
import { Closed } from '../closed.ts';
import { releasing, restoring } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';
import type { Cleared } from './index.ts';

type Plan = PlanOn<CloudflareTarget>;
type Step = <T>(name: string, act: () => Promise<T>) => Promise<T>;
type Voyage = Cleared<Plan> & { undo: UndoStack; step: Step };

/**
 * all-at-once   wrangler deploy ─────────────────────────────────────┐
 * gradual       upload ─ try it at its own address │ 10 % ─ ask it ─ 100 % ─ routes, schedules ─┴─ prove
 *
 * A worker that is not there yet has nothing to share its traffic with.
 */
export async function release(
  rollout: Rollout,
  undo: UndoStack,
  { plan, mayTouch }: Cleared<Plan>,
): Promise<void> {
  const step: Step = (name, act) => rollout.attempt(name, act, plan.timing.stuckGiveUpMs);
  const on = stepOf(plan);
  const served = plan.live[0]?.id ?? null;
  const voyage = { plan, undo, step, mayTouch };
  await step('look at what is served', () => releasing.checkServed({ ...on, expected: served }));
  const gradual = plan.target.rollout === 'gradual' && served !== null;
  const id = gradual ? await bySteps(voyage, served) : await atOnce(voyage, served);
  const { timing } = plan;
  await step(`prove ${plan.target.worker}`, () => releasing.proveWorker({ ...on, id, timing }));
}

async function atOnce(voyage: Voyage, expected: string | null): Promise<string> {
  const { plan, undo, step, mayTouch } = voyage;
  await mayTouch();
  undo.push(`roll ${plan.target.worker} back`, () => restoring.rollBackWorker(back(plan)));
  const deployed = await step('wrangler deploy', () =>
    releasing.deployWorker({ ...stepOf(plan), expected }),
  );
  if ('id' in deployed) return deployed.id;
  undo.pop();
  throw new Closed('aborted', [deployed.untouched]);
}

async function bySteps({ plan, undo, step, mayTouch }: Voyage, other: string): Promise<string> {
  const on = stepOf(plan);
  const { smoke, timing } = plan;
  const { id } = await step('upload a version', () => releasing.uploadVersion(on));
  const version = { ...on, id };
  await step(`try version ${id}`, () => releasing.smokeVersion({ ...version, smoke, timing }));
  await mayTouch();
  await step('look at what is served', () => releasing.checkServed({ ...on, expected: other }));
  undo.push(`roll ${plan.target.worker} back`, () => restoring.rollBackWorker(back(plan)));
  await step('give it 10 %', () => releasing.shareTraffic({ ...version, other, percentage: 10 }));
  await step('ask it with 10 %', () => releasing.holdShare({ ...version, other, smoke, timing }));
  await step('give it all', () => releasing.shareTraffic({ ...version, other, percentage: 100 }));
  await step('set its routes and schedules', () => releasing.setTriggers(version));
  return id;
}

/** The recorded version, whatever is live. */
export async function restoreAll(rollout: Rollout, plan: Plan): Promise<void> {
  await rollout.insist(
    `roll ${plan.target.worker} back`,
    () => restoring.rollBackWorker(back(plan)),
    plan.timing.restoreGiveUpMs,
  );
}

/** Cloudflare keeps its versions. */
export async function tidy(): Promise<void> {}

/** The version that is live is a way back as it is. */
export async function adopt(): Promise<void> {}

const stepOf = (plan: Plan) => ({
  deploy: refOf(plan),
  target: plan.target,
  release: plan.release,
});

const back = (plan: Plan) => ({
  ...stepOf(plan),
  release: plan.restoreTo ?? plan.release,
  timing: plan.timing,
});
