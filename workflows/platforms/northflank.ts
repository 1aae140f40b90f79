import type { NorthflankStep, Started } from '../../domain/activities/northflank.ts';
import { refOf } from '../../domain/plan.ts';
import type { NorthflankTarget, PlanOn } from '../../domain/plan.ts';
import { releasing, restoring } from '../proxies.ts';
import type { Rollout } from '../rollout.ts';
import type { UndoStack } from '../undo.ts';
import type { Cleared } from './index.ts';

type Plan = PlanOn<NorthflankTarget>;

/**
 * publish ─ build ─ success │ deploy that build ─ rollout, containers, start-up log, health outside
 *
 * Until the line nothing that is served is touched: a build that fails closes the deploy and needs no way back.
 */
export async function release(
  rollout: Rollout,
  undo: UndoStack,
  { plan, mayTouch }: Cleared<Plan>,
): Promise<void> {
  const { branch, target, timing } = plan;
  const on = stepOf(plan);
  const again = plan.live.some(({ sha }) => sha === plan.sha);
  const step = <T>(name: string, act: () => Promise<T>) =>
    rollout.attempt(name, act, timing.stuckGiveUpMs);
  const { known } = await step('read the builds', () => releasing.readBuilds(on));
  const { published } = await step(`publish on ${branch}`, () =>
    releasing.publishCommit({ deploy: on.deploy, target, branch }),
  );
  const asked = { ...on, known, again, branch, pushed: published === 'done' };
  const { buildId } = await step('find or start the build', () => releasing.adoptBuild(asked));
  await step(`await build ${buildId}`, () => releasing.awaitBuild({ ...on, buildId }));
  await mayTouch();
  const { containers: others } = await step('nobody else deployed', () =>
    releasing.checkUnmoved({ ...on, buildId }),
  );
  undo.push(`restore ${target.service}`, () => restoring.restoreDeployment(back(plan)));
  await step(`deploy build ${buildId}`, () => releasing.deployBuild({ ...on, buildId }));
  const started = await step(`verify ${target.service}`, () =>
    releasing.verifyDeployment({ ...on, buildId, others }),
  );
  tellErrors(rollout, started);
}

/** The recorded build, whatever is live: "restores by itself" is never assumed. */
export const restoreAll = (rollout: Rollout, plan: Plan): Promise<void> =>
  rollout.insist(
    `restore ${plan.target.service}`,
    () => restoring.restoreDeployment(back(plan)),
    plan.timing.restoreGiveUpMs,
  );

/** Northflank keeps its builds. */
export async function tidy(): Promise<void> {}

/** The build that is live is a way back as it is. */
export async function adopt(): Promise<void> {}

const stepOf = (plan: Plan): NorthflankStep => ({
  deploy: refOf(plan),
  target: plan.target,
  release: plan.release,
  timing: plan.timing,
  live: plan.live[0]?.id ?? null,
});

const back = (plan: Plan): NorthflankStep => ({
  ...stepOf(plan),
  release: plan.restoreTo ?? plan.release,
});

/** It is healthy, and a person should know. */
function tellErrors(rollout: Rollout, { errors }: Started) {
  const [first] = errors;
  if (first === undefined) return;
  const text = `Its start-up log speaks of errors (${errors.length} shown of it): ${first}`;
  rollout.notes.line(rollout.status, 'start-up log', text);
}
