import { randomUUID } from 'node:crypto';
import { messages, plimsoll } from '../../domain/messages.ts';
import type { ReconcileReport } from '../../domain/plan.ts';
import { clean } from '../clean.ts';
import { withSession } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';
import { short } from '../words.ts';

/** Exit 0: nothing was lost, or all of it is fully old again; 8: on its way back; 1: a person is needed. */
export const reconcile = (io: Io, { project }: { project?: string }): Promise<number> =>
  withSession(io, async (session) => {
    const worker = await findWorker(io, session);
    if (project !== undefined) checkKnown(worker, { project });
    await checkPolled(session, worker.taskQueue);
    const report = await runReadOnly<ReconcileReport>(session, {
      type: messages.reconcile,
      taskQueue: worker.taskQueue,
      workflowId: `reconcile/${randomUUID()}`,
      input: project ? { project } : {},
      summary: 'reconcile, asked for by a person',
    });
    io.data(report, renderReconciled(report));
    return exitCodeOfAll(report);
  });

export function exitCodeOfAll({ deploys }: ReconcileReport): number {
  if (deploys.some(({ outcome }) => outcome === 'restore-failed' || outcome === 'frozen'))
    return exitCodes.failed;
  return deploys.some(({ outcome }) => outcome === null) ? exitCodes.running : exitCodes.ok;
}

export const renderReconciled = (report: ReconcileReport): string =>
  clean(report).deploys.map(oneDeploy).join('\n') ||
  'Nothing was lost: every deploy has ended, or is open.';

function oneDeploy({ project, environment, sha, outcome, detail }: ReconcileReport['deploys'][0]) {
  const next = outcome
    ? `${plimsoll} history ${project} ${environment}`
    : `${plimsoll} status ${project} ${environment}`;
  return `${project} ${environment} ${short(sha)}: ${outcome ?? 'open'}: ${detail}\n  See: ${next}`;
}
