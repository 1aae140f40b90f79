import { startUpErrors } from '../../domain/messages/settle.ts';
import type { NorthflankStep, Started } from '../../domain/platforms/northflank/activities.ts';
import { refOf } from '../../domain/deploy/plan.ts';
import type { PlanOn } from '../../domain/deploy/plan.ts';
import type { NorthflankTarget } from '../../domain/platforms/northflank/target.ts';
import { releasing, rollingBackWithin } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { Compensations } from '../compensations.ts';
import type { Back, Cleared } from './index.ts';

type Plan = PlanOn<NorthflankTarget>;

/**
 * publish ─ build ─ success │ deploy that build ─ rollout, containers, start-up log, public health
 *
 * The steps before │ do not touch the live service. A failed build closes the deploy, and no
 * rollback is needed.
 */
export async function release(
  rollout: Rollout,
  compensations: Compensations,
  { plan, recheckBeforeFirstEffect }: Cleared<Plan>,
): Promise<void> {
  const { branch, target, timing } = plan;
  const on = stepOf(plan);
  const again = plan.live.some(({ sha }) => sha === plan.sha);
  const step = <T>(name: string, act: () => Promise<T>) =>
    rollout.runStep(name, act, timing.stuckGiveUpMs);
  const { known } = await step('read the builds', () => releasing.readBuilds(on));
  const { published } = await step(`publish on ${branch}`, () =>
    releasing.publishCommit({ deploy: on.deploy, warrant: plan.warrant, target, branch }),
  );
  const asked = { ...on, known, again, branch, pushed: published === 'done' };
  const { buildId, made } = await step('find or start the build', () =>
    releasing.adoptBuild(asked),
  );
  await step(`await build ${buildId}`, () => releasing.awaitBuild({ ...on, buildId }));
  await recheckBeforeFirstEffect();
  const { containers: others } = await step('check that nobody else deployed', () =>
    releasing.checkUnmoved({ ...on, buildId }),
  );
  compensations.pushAll(back(plan));
  await step(`deploy build ${buildId}`, () => releasing.deployBuild({ ...on, buildId, made }));
  const started = await step(`verify ${target.service}`, () =>
    releasing.verifyDeployment({ ...on, buildId, others }),
  );
  tellErrors(rollout, started);
}

/**
 * Returns the rollback step. The step makes the recorded build live, whichever build is live now.
 * Plimsoll never assumes that Northflank rolls back by itself.
 */
export const back = (plan: Plan): Back[] => [
  {
    name: `roll back ${plan.target.service}`,
    act: () =>
      rollingBackWithin(plan.timing).rollBackDeployment({
        ...stepOf(plan),
        release: plan.rollbackTarget ?? plan.release,
      }),
  },
];

const stepOf = (plan: Plan): NorthflankStep => ({
  deploy: refOf(plan),
  warrant: plan.warrant,
  target: plan.target,
  release: plan.release,
  timing: plan.timing,
  live: plan.live[0]?.id ?? null,
});

function tellErrors(rollout: Rollout, { errors }: Started) {
  if (errors.length > 0) rollout.notes.line(rollout.status, 'start-up log', startUpErrors(errors));
}
