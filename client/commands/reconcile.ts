import { plimsoll } from '../../domain/deploy/wire.ts';
import type { ReconcileReport } from '../../domain/deploy/plan.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { withSession } from '../session/connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { failingDeploys, runReconcile } from '../session/failing.ts';
import type { FailingDeploy, UnreadDeploy } from '../session/failing.ts';
import { failingDeployLine, unreadDeployLine } from '../../domain/messages/failing-tasks.ts';
import { freedLine } from '../../domain/messages/squatted-lock.ts';
import { short } from '../../domain/messages/parts/format.ts';
import { signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 6,
  summary: 'find deploys that were terminated or lost, and finish their rollback; safe at any time',
};

export const verb: Verb = (command, execute) =>
  signed(command)
    .option('--project <project>', 'find only deploys of this project')
    .action((options) => execute((io) => reconcile(io, options)));

/**
 * Finds lost deploys and finishes their rollback. Exit 0: no deploy was lost, or every rollback has
 * ended. Exit 8: a rollback is running. Exit 9: a rollback target fails as well. Exit 1: a person
 * is needed.
 */
export const reconcile = (
  io: Io,
  { project, ...who }: IdentityOptions & { project?: string },
): Promise<number> =>
  withSession(io, who, async (session) => {
    const worker = await findWorker(io, session);
    if (project !== undefined) checkKnown(worker, { project });
    await checkPolled(session, worker.taskQueue);
    const open = await failingDeploys(session, worker, project);
    const report = { ...(await runReconcile(session, worker.taskQueue, project)), ...open };
    io.data(report, renderReconciled(report));
    return exitCodeOfAll(report);
  });

/**
 * The report of `reconcile`. It also contains the open deploys that Plimsoll cannot continue, and
 * the deploys that could not be read.
 */
type Whole = ReconcileReport & { failing: FailingDeploy[]; unread: UnreadDeploy[] };

export function exitCodeOfAll({ deploys, failing, unread }: Whole): number {
  if (
    failing.length > 0 ||
    unread.length > 0 ||
    deploys.some(
      ({ outcome }) => outcome === 'rollback-failed' || outcome === 'rollback-not-approved',
    )
  )
    return exitCodes.failed;
  if (deploys.some(({ outcome }) => outcome === 'rolled-back-still-failing'))
    return exitCodes.stillFailing;
  return deploys.some(({ outcome }) => outcome === null) ? exitCodes.running : exitCodes.ok;
}

export function renderReconciled(report: Whole): string {
  const { freed = [], deploys, failing, unread } = clean(report);
  const lines = [
    ...freed.map(freedLine),
    ...deploys.map(oneDeploy),
    ...failing.map(failingDeployLine),
    ...unread.map(unreadDeployLine),
  ];
  return lines.join('\n') || 'No deploy was lost: every deploy is open, or has ended.';
}

function oneDeploy({ project, environment, sha, outcome, detail }: ReconcileReport['deploys'][0]) {
  const next = outcome
    ? `${plimsoll} history ${project} ${environment}`
    : `${plimsoll} status ${project} ${environment}`;
  return `${project} ${environment} ${short(sha)}: ${outcome ?? 'open'}: ${detail}\n  See: ${next}`;
}
