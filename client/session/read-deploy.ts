import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { failures } from '../../domain/deploy/failures.ts';
import {
  deployId,
  messages,
  planMemoKey,
  plimsoll,
  reportMemoKey,
  requestMemoKey,
  searchAttributes,
} from '../../domain/deploy/wire.ts';
import type { Place, DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import { doesNotContinue } from '../../domain/deploy/failing-tasks.ts';
import { readFailingTasks } from '../../worker/failing-tasks/read.ts';
import type {
  AftermathReport,
  DeployReport,
  DeployStatus,
  SealedPlan,
} from '../../domain/deploy/plan.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { refuseIfSquatted } from './lock-holder.ts';
import { notFound } from './not-found.ts';

export type { Place, DeploySnapshot };

export const handleOf = ({ client }: Session, place: Place, runId?: string): WorkflowHandle =>
  client.workflow.getHandle(deployId(place.project, place.environment), runId);

/**
 * Reads the newest deploy of the place, or the run `runId`. Throws a UserError if this deploy does
 * not exist, or if the lock of the place is held by a workflow that is no deploy.
 */
export async function readDeploy(
  session: Session,
  place: Place,
  runId?: string,
): Promise<DeploySnapshot> {
  const snapshot = await findDeploy(session, place, runId);
  if (!snapshot) throw neverDeployed(place);
  refuseIfSquatted(snapshot);
  return snapshot;
}

/** Like `readDeploy`, but returns null if this deploy does not exist. */
export async function findDeploy(
  session: Session,
  place: Place,
  runId?: string,
): Promise<DeploySnapshot | null> {
  const handle = handleOf(session, place, runId);
  const description = await notFound(session.within(() => handle.describe()));
  if (!description) return null;
  const snapshot = fromDescription(place, description);
  const [status, failing] = await Promise.all([
    askStatus(session, handleOf(session, place, snapshot.runId)),
    snapshot.running ? askFailing(session, description) : null,
  ]);
  return { ...snapshot, status, failing };
}

async function askFailing({ client, within }: Session, description: WorkflowExecutionDescription) {
  const failing = await within(() => readFailingTasks(client, description));
  return failing && doesNotContinue(failing, new Date()) ? failing : null;
}

/**
 * Yields the current state of the run `runId`. Then yields the state of each run that
 * received the lock later, oldest first.
 */
export async function* heirsOf(
  session: Session,
  { place, runId }: Pick<DeploySnapshot, 'place' | 'runId'>,
) {
  for (let next: string | null = runId; next !== null;) {
    const snapshot = await readDeploy(session, place, next);
    yield snapshot;
    next = snapshot.state === 'CONTINUED_AS_NEW' ? await continuedIn(session, snapshot) : null;
  }
}

async function continuedIn(
  { client, namespace, within }: Session,
  { place, runId }: DeploySnapshot,
) {
  const { history } = await within(() =>
    client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId: deployId(place.project, place.environment), runId },
      historyEventFilterType: closeEvent,
    }),
  );
  const { workflowExecutionContinuedAsNewEventAttributes: heir } = history?.events?.at(-1) ?? {};
  return heir?.newExecutionRunId ?? null;
}

/**
 * HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT of Temporal's API: the server returns only the last event.
 */
const closeEvent = 2;

const neverDeployed = ({ project, environment }: Place) =>
  new UserError(
    `No deploy of ${project} ${environment} was ever started here.\n` +
      `Start one: ${plimsoll} deploy ${project} ${environment}`,
    exitCodes.failed,
  );

async function askStatus({ within, timeLimits }: Session, handle: WorkflowHandle) {
  try {
    return await within(() => handle.query<DeployStatus>(messages.status), timeLimits.statusMs);
  } catch {
    return null;
  }
}

function fromDescription(
  place: Place,
  description: WorkflowExecutionDescription,
): Omit<DeploySnapshot, 'status' | 'failing'> {
  const { runId, status, startTime, closeTime, memo, raw, type, taskQueue } = description;
  const attributes = description.searchAttributes as Record<string, unknown[] | undefined>;
  const text = (name: string) => {
    const value = attributes[name]?.[0];
    return typeof value === 'string' ? value : null;
  };
  return {
    place,
    runId,
    holder: { type, taskQueue },
    running: status.name === 'RUNNING',
    state: status.name,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    requester: text(searchAttributes.requester),
    phase: text(searchAttributes.phase),
    sealed: (memo?.[planMemoKey] as SealedPlan | undefined) ?? null,
    report: (memo?.[reportMemoKey] as DeployReport | undefined) ?? null,
    request: (memo?.[requestMemoKey] as string | undefined) ?? null,
    pending: (raw.pendingActivities ?? []).map(({ activityType, attempt, lastFailure }) => ({
      activity: activityType?.name ?? 'activity',
      attempt: Number(attempt ?? 1),
      failure: lastFailure?.message ?? null,
    })),
  };
}

/**
 * Returns the report of a closed deploy. Throws a UserError if there is no report. Exit 2: the
 * deploy was refused. Exit 1: the deploy was cancelled or terminated, or it crashed.
 */
export async function reportOf(session: Session, snapshot: DeploySnapshot): Promise<DeployReport> {
  const { place, runId, report } = snapshot;
  if (report) return report;
  try {
    const handle = handleOf(session, place, runId);
    return await session.within(() => handle.result() as Promise<DeployReport>);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowFailedError')
      throw endedBadly(place, cause.cause);
    throw cause;
  }
}

/** Waits up to 30 s for the report of the aftermath. Returns null if there is no report by then. */
export async function aftermathOf(
  { client, within }: Session,
  { deployId: id }: DeployReport,
): Promise<AftermathReport | null> {
  const handle = client.workflow.getHandle(`aftermath/${id}`);
  return await within(() => handle.result() as Promise<AftermathReport>, 30_000).catch(() => null);
}

function endedBadly({ project, environment }: Place, cause: unknown): UserError {
  const chain = causes(cause);
  const { name, message } = chain.at(-1) ?? new Error('no reason was given');
  const refused = chain.find(({ type }) => type === failures.refused);
  if (refused) return new UserError(refused.message, exitCodes.usage);
  const what = `The deploy of ${project} ${environment}`;
  const look = `The last known state: ${plimsoll} status ${project} ${environment}`;
  if (name === 'TerminatedFailure')
    return new UserError(`${what} was terminated from outside: nothing was rolled back.\n${look}`);
  if (name === 'CancelledFailure')
    return new UserError(`${what} was cancelled: ${message}.\n${look}`);
  if (name === 'TimeoutFailure') return new UserError(`${what} ran out of time.\n${look}`);
  return new UserError(`${what} failed: ${message}\n${look}`);
}

function causes(outermost: unknown): (Error & { type?: string | null })[] {
  const chain: Error[] = [];
  for (let at = outermost; at instanceof Error; at = at.cause) chain.push(at);
  return chain;
}
