import {
  endedWithoutRollback,
  liveWhileFailing,
  mayHaveTouched,
  notFoundAsLost,
  notRolledBack,
  nothingToRecover,
  recoverReason,
  rollbackRuns,
} from '../../domain/messages/failing-tasks.ts';
import type { ReconcileReport } from '../../domain/deploy/plan.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { about, signed } from '../options.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Listing, Verb } from '../run.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { runReconcile } from '../session/failing.ts';
import { readDeploy } from '../session/read-deploy.ts';
import type { DeploySnapshot, Place } from '../session/read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { exitCodeOfAll, renderReconciled } from './reconcile.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 7,
  summary: 'end a deploy that Plimsoll cannot continue, and finish its rollback',
};

export const verb: Verb = (command, execute) =>
  signed(about(command)).action((project, environment, options) =>
    execute((io) => recover(io, { project, environment, ...options })),
  );

/**
 * Ends a deploy whose workflow tasks fail again and again. A new workflow finishes the rollback. If
 * this command is interrupted, the schedule of `reconcile` finishes the rollback. Exit 0: the
 * rollback has ended, or no rollback was needed. Exit 8: the rollback is running. Exit 1: a person
 * is needed, or nothing finished the rollback. Exit 4: the deploy continues by itself, or is closed.
 */
export const recover = (io: Io, options: Place & IdentityOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const worker = await findWorker(io, session);
    const { project, environment } = options;
    const place = { project, environment };
    checkKnown(worker, place);
    await checkPolled(session, worker.taskQueue);
    const snapshot = await readDeploy(session, place);
    await end(session, snapshot);
    const report = await runReconcile(session, worker.taskQueue, place.project);
    return await show(io, session, snapshot, report);
  });

/** Terminates only this run. A newer deploy of the place is never terminated. */
async function end(session: Session, snapshot: DeploySnapshot) {
  const { place, runId, failing } = snapshot;
  if (!snapshot.running || !failing)
    throw new UserError(nothingToRecover(place, snapshot), exitCodes.notAllowed);
  await session.order({ place, runId }, { order: 'recover', reason: recoverReason(failing) });
}

async function show(
  io: Io,
  session: Session,
  ended: DeploySnapshot,
  { deploys }: ReconcileReport,
): Promise<number> {
  const { place } = ended;
  const own = deploys.filter(
    ({ project, environment }) => project === place.project && environment === place.environment,
  );
  const report = { deploys: own, failing: [], unread: [] };
  if (own.some(({ outcome }) => outcome !== null)) {
    io.data(report, renderReconciled(report));
    return exitCodeOfAll(report);
  }
  const { running } = await readDeploy(session, place);
  if (running) {
    io.data(report, rollbackRuns(place));
    return exitCodes.running;
  }
  // A deploy in the phase 'closed' is not lost. Either the ledger has its outcome, or the search
  // finds the deploy.
  if (own.length > 0 || (mayHaveTouched(ended) && ended.phase !== 'closed')) {
    const why = own[0]?.detail ?? notFoundAsLost;
    io.data(report, notRolledBack(place, { liveNow: liveWhileFailing(ended), why }));
    return exitCodes.failed;
  }
  io.data(report, endedWithoutRollback(place));
  return exitCodes.ok;
}
