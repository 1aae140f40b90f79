import type { PlanOn, VercelTarget } from '../../domain/plan.ts';
import { refOf } from '../../domain/plan.ts';
import { releasing, restoring } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';
import type { Cleared } from './index.ts';

type Plan = PlanOn<VercelTarget>;

/** Publish, build, try it where nobody is sent yet; only then promote. Until there nothing is touched. */
export async function release(
  rollout: Rollout,
  undo: UndoStack,
  { plan, mayTouch }: Cleared<Plan>,
): Promise<void> {
  const step = <T>(name: string, act: () => Promise<T>) =>
    rollout.attempt(name, act, plan.timing.stuckGiveUpMs);
  const { branch, target, timing, smoke } = plan;
  const here = { deploy: refOf(plan), target };
  const expected = plan.live[0]?.id ?? null;
  await step('look at production', () => releasing.checkProduction({ ...here, expected }));
  const { published } = await step(`bring the commit onto ${branch}`, () =>
    releasing.publishCommit({ ...here, branch }),
  );
  const { id } = await step('find its build', () =>
    releasing.pickDeployment({ ...here, ...howToFind(plan), pushed: published === 'done' }),
  );
  const build = { ...here, id };
  await step('wait for its build', () => releasing.awaitDeployment(build));
  await step('smoke its build', () => releasing.smokeDeployment({ ...build, smoke, timing }));
  await mayTouch();
  await step('look at production again', () => releasing.checkProduction({ ...build, expected }));
  undo.push(`roll ${target.project} back`, () => restoring.rollBackProduction(back(plan)));
  await step('promote', () => releasing.promoteDeployment(build));
  await step('keep domains from being assigned', () => releasing.turnAutoAssignOff(here));
  await step('prove production', () => releasing.proveProduction({ ...build, timing }));
}

export async function restoreAll(rollout: Rollout, plan: Plan): Promise<void> {
  await rollout.insist(
    `roll ${plan.target.project} back`,
    () => restoring.rollBackProduction(back(plan)),
    plan.timing.restoreGiveUpMs,
  );
}

/** Vercel keeps and removes deployments by its own rules. */
export async function tidy(): Promise<void> {}

/** What is live can be gone back to as it is. */
export async function adopt(): Promise<void> {}

/** The same commit live already: its settings changed, and an old build would not have them. */
const howToFind = ({ live, sha, plannedAt }: Plan) => ({
  again: live.some((state) => state.sha === sha),
  plannedAt,
});

const back = (plan: Plan) => ({
  deploy: refOf(plan),
  target: plan.target,
  release: plan.restoreTo ?? plan.release,
  timing: plan.timing,
});
