import type { DeployEnd } from '../../domain/contract/session.ts';
import type { AftermathReport, DeployReport } from '../../domain/deploy/plan.ts';
import type { DeploySnapshot, Place } from '../../domain/deploy/snapshot.ts';
import { deployId, plimsoll } from '../../domain/deploy/wire.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { refuseIfSquatted } from './lock-holder.ts';

export type { Place, DeploySnapshot };

/** Returns the workflow id of the deploys of a place, for people. */
export const workflowIdOf = ({ project, environment }: Place) => deployId(project, environment);

/**
 * Reads the newest deploy of the place, or the run `runId`. Throws a UserError if this deploy does
 * not exist, or if a workflow that is not a deploy holds the lock of the place.
 */
export async function readDeploy(
  session: Session,
  place: Place,
  runId?: string,
): Promise<DeploySnapshot> {
  const { project, environment } = place;
  const snapshot = await session.deploy({ project, environment }, runId);
  if (!snapshot) throw neverDeployed(place);
  refuseIfSquatted(snapshot);
  return snapshot;
}

/**
 * Yields the current state of the run `runId`. Then yields the state of each run that got the lock
 * after this run, oldest first.
 */
export async function* heirsOf(
  session: Session,
  { place, runId }: Pick<DeploySnapshot, 'place' | 'runId'>,
) {
  for (let next: string | null = runId; next !== null;) {
    const snapshot = await readDeploy(session, place, next);
    yield snapshot;
    next = snapshot.state === 'CONTINUED_AS_NEW' ? await session.heir(snapshot) : null;
  }
}

const neverDeployed = ({ project, environment }: Place) =>
  new UserError(
    `No deploy of ${project} ${environment} was ever started here.\n` +
      `Start one: ${plimsoll} deploy ${project} ${environment}`,
    exitCodes.failed,
  );

/**
 * Returns the report of a closed deploy. Throws a UserError if there is no report. Exit 2: the
 * deploy was refused. Exit 1: the deploy was cancelled or terminated, or it crashed.
 */
export async function reportOf(session: Session, snapshot: DeploySnapshot): Promise<DeployReport> {
  const { place, runId, report } = snapshot;
  if (report) return report;
  const end = await session.end({ place, runId });
  if ('report' in end) return end.report;
  throw endedBadly(place, end);
}

const aftermathMs = 30_000;

/** Waits up to 30 s for the report of the aftermath. Returns null if there is no report by then. */
export const aftermathOf = (
  session: Session,
  { place, runId }: Pick<DeploySnapshot, 'place' | 'runId'>,
  { deployId: id }: DeployReport,
): Promise<AftermathReport | null> =>
  session.aftermath({ place, runId, deployId: id }, aftermathMs);

function endedBadly(
  { project, environment }: Place,
  { ended, why }: Exclude<DeployEnd, { report: DeployReport }>,
): UserError {
  if (ended === 'refused') return new UserError(why, exitCodes.usage);
  const what = `The deploy of ${project} ${environment}`;
  const next = `The last known state: ${plimsoll} status ${project} ${environment}`;
  if (ended === 'terminated')
    return new UserError(`${what} was terminated from outside: nothing was rolled back.\n${next}`);
  if (ended === 'cancelled') return new UserError(`${what} was cancelled: ${why}.\n${next}`);
  if (ended === 'timed-out') return new UserError(`${what} ran out of time.\n${next}`);
  return new UserError(`${what} failed: ${why}\n${next}`);
}
