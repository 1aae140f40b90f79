import type { FailingTasks } from '../../domain/deploy/failing-tasks.ts';
import type { ReconcileReport } from '../../domain/deploy/plan.ts';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import { cannotContinue, cannotReceive } from '../../domain/messages/failing-tasks.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { UserError } from '../errors.ts';
import type { Session } from './connect.ts';
import type { DeploySnapshot, Place } from './read-deploy.ts';
import { runTask } from './run-task.ts';

export type FailingDeploy = { place: Place; failing: FailingTasks };

/**
 * Throws a UserError (exit 1) if Plimsoll cannot continue the deploy. Such a deploy would not
 * process the signal of `verb`.
 */
export function refuseIfFailing(verb: string, { place, failing }: DeploySnapshot) {
  if (failing) throw new UserError(cannotReceive(verb, clean({ place, failing })));
}

/** Throws a UserError (exit 1) if Plimsoll cannot continue the deploy. Waiting would not help. */
export function endIfFailing({ place, failing }: DeploySnapshot) {
  if (failing) throw new UserError(cannotContinue(clean({ place, failing })));
}

/** Finds the open deploys of these projects that Plimsoll cannot continue. */
export async function failingDeploys(
  session: Session,
  { projects }: RegistryMemo,
  only: string | undefined,
): Promise<FailingDeploy[]> {
  const places = Object.entries(projects)
    .filter(([project]) => only === undefined || project === only)
    .flatMap(([project, environments]) =>
      environments.map((environment) => ({ project, environment })),
    );
  const found = await Promise.all(
    places.map(async (place) => {
      const snapshot = await session.deploy(place);
      return snapshot?.failing ? [{ place, failing: snapshot.failing }] : [];
    }),
  );
  return found.flat();
}

/** Runs the workflow that finds lost deploys and finishes their rollback. */
export const runReconcile = (session: Session, taskQueue: string, project: string | undefined) =>
  runTask<ReconcileReport>(session, taskQueue, {
    task: 'reconcile',
    input: project ? { project } : {},
  });
