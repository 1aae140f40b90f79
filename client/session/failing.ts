import type { FailingTasks } from '../../domain/deploy/failing-tasks.ts';
import type { ReconcileReport } from '../../domain/deploy/plan.ts';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import { cannotContinue, cannotReceive } from '../../domain/messages/failing-tasks.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { scrub } from '../../domain/messages/parts/scrub.ts';
import { UserError } from '../errors.ts';
import type { Session } from './connect.ts';
import type { DeploySnapshot, Place } from './read-deploy.ts';
import { runTask } from './run-task.ts';

export type FailingDeploy = { place: Place; failing: FailingTasks };
/** A deploy whose state could not be read, and the reason. */
export type UnreadDeploy = { place: Place; why: string };

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

/**
 * Finds the open deploys of these projects that Plimsoll cannot continue. A deploy that cannot be
 * read does not stop the search. Throws only if no deploy can be read.
 */
export async function failingDeploys(
  session: Session,
  { projects }: RegistryMemo,
  only: string | undefined,
): Promise<{ failing: FailingDeploy[]; unread: UnreadDeploy[] }> {
  const places = Object.entries(projects)
    .filter(([project]) => only === undefined || project === only)
    .flatMap(([project, environments]) =>
      environments.map((environment) => ({ project, environment })),
    );
  const read = await Promise.allSettled(places.map((place) => session.deploy(place)));
  const failing: FailingDeploy[] = [];
  const unread: UnreadDeploy[] = [];
  for (const [at, place] of places.entries()) {
    const one = read[at]!;
    if (one.status === 'rejected')
      unread.push({ place, why: scrub((one.reason as Error).message) });
    else if (one.value?.failing) failing.push({ place, failing: one.value.failing });
  }
  const [first] = read;
  if (unread.length === places.length && first?.status === 'rejected') throw first.reason;
  return { failing, unread };
}

/** Runs the workflow that finds lost deploys and finishes their rollback. */
export const runReconcile = (session: Session, taskQueue: string, project: string | undefined) =>
  runTask<ReconcileReport>(session, taskQueue, {
    task: 'reconcile',
    input: project ? { project } : {},
  });
