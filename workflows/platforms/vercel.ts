import type { PlanOn } from '../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../domain/platforms/vercel/target.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import { releasing, rollingBackWithin } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { Compensations } from '../compensations.ts';
import type { Back, Cleared } from './index.ts';

type Plan = PlanOn<VercelTarget>;

/**
 * Publishes the commit, and smoke tests the build at the build's own address. Promotes only a build
 * that passes. Does not touch production before it promotes the build.
 */
export async function release(
  rollout: Rollout,
  compensations: Compensations,
  { plan, recheckBeforeFirstEffect }: Cleared<Plan>,
): Promise<void> {
  const step = <T>(name: string, act: () => Promise<T>) =>
    rollout.runStep(name, act, plan.timing.stuckGiveUpMs);
  const { branch, target, timing, smoke } = plan;
  const here = { deploy: refOf(plan), warrant: plan.warrant, target };
  const expected = plan.live[0]?.id ?? null;
  await step('read production', () => releasing.checkProduction({ ...here, expected }));
  const { published } = await step(`push the commit to ${branch}`, () =>
    releasing.publishCommit({ ...here, branch }),
  );
  const { id, made } = await step('find the build', () =>
    releasing.pickDeployment({ ...here, ...howToFind(plan), pushed: published === 'done' }),
  );
  const build = { ...here, id, made };
  await step('wait for the build', () => releasing.awaitDeployment(build));
  await step('smoke test the build', () => releasing.smokeDeployment({ ...build, smoke, timing }));
  await recheckBeforeFirstEffect();
  await step('read production again', () => releasing.checkProduction({ ...build, expected }));
  compensations.pushAll(back(plan));
  await step('promote', () => releasing.promoteDeployment(build));
  await step('keep domains from being assigned', () => releasing.turnAutoAssignOff(here));
  await step('prove production', () => releasing.proveProduction({ ...build, timing }));
}

/**
 * Returns the rollback step. The step makes the recorded deployment live, whichever deployment is
 * live now.
 */
export const back = (plan: Plan): Back[] => [
  {
    name: `roll ${plan.target.project} back`,
    act: () =>
      rollingBackWithin(plan.timing).rollBackProduction({
        deploy: refOf(plan),
        warrant: plan.warrant,
        target: plan.target,
        release: plan.rollbackTarget ?? plan.release,
        timing: plan.timing,
      }),
  },
];

/**
 * Returns the facts that are needed to find the build. `again` is true if the commit is already
 * live. In this case an old build of this commit may lack the newest settings.
 */
const howToFind = ({ live, sha, plannedAt }: Plan) => ({
  again: live.some((state) => state.sha === sha),
  plannedAt,
});
