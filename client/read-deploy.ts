import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { failures } from '../domain/failures.ts';
import {
  deployId,
  messages,
  planMemoKey,
  plimsoll,
  reportMemoKey,
  requestMemoKey,
  searchAttributes,
} from '../domain/messages.ts';
import type { AftermathReport, DeployReport, DeployStatus, SealedPlan } from '../domain/plan.ts';
import type { Session } from './connect.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { notFound } from './not-found.ts';

export type Place = { project: string; environment: string };

/** A deploy as it can be seen now: `status` from a worker, the rest from the server alone. */
export type Seen = {
  place: Place;
  runId: string;
  running: boolean;
  /** Temporal's word: RUNNING, COMPLETED, CONTINUED_AS_NEW, FAILED, CANCELLED, TERMINATED, TIMED_OUT. */
  state: string;
  startedAt: string;
  closedAt: string | null;
  requester: string | null;
  phase: string | null;
  /** From the memo; null before it was planned. */
  sealed: SealedPlan | null;
  /** How it ended, where its slot was handed over. */
  report?: DeployReport | null;
  /** The nonce of the request by which it took the slot over. */
  request?: string | null;
  /** null: no worker answers. */
  status: DeployStatus | null;
  /** Activities that failed and are tried again, or wait for a worker. */
  pending: { activity: string; attempt: number; failure: string | null }[];
};

export const handleOf = ({ client }: Session, place: Place, runId?: string): WorkflowHandle =>
  client.workflow.getHandle(deployId(place.project, place.environment), runId);

/** The newest deploy there. UserError: none was ever started. */
export async function readDeploy(session: Session, place: Place, runId?: string): Promise<Seen> {
  const handle = handleOf(session, place, runId);
  const description = await notFound(session.within(() => handle.describe()));
  if (!description) throw neverDeployed(place);
  const seen = fromDescription(place, description);
  return { ...seen, status: await askStatus(session, handleOf(session, place, seen.runId)) };
}

/** That deploy as it is now, then each to which its slot was handed over, oldest first. */
export async function* heirsOf(session: Session, { place, runId }: Pick<Seen, 'place' | 'runId'>) {
  for (let next: string | null = runId; next !== null;) {
    const seen = await readDeploy(session, place, next);
    yield seen;
    next = seen.state === 'CONTINUED_AS_NEW' ? await continuedIn(session, seen) : null;
  }
}

async function continuedIn({ client, namespace, within }: Session, { place, runId }: Seen) {
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

/** HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT of Temporal's API. */
const closeEvent = 2;

const neverDeployed = ({ project, environment }: Place) =>
  new UserError(
    `No deploy of ${project} ${environment} was ever started here.\n` +
      `Start one: ${plimsoll} deploy ${project} ${environment}`,
    exitCodes.failed,
  );

async function askStatus({ within }: Session, handle: WorkflowHandle) {
  try {
    return await within(() => handle.query<DeployStatus>(messages.status), 4_000);
  } catch {
    return null;
  }
}

function fromDescription(
  place: Place,
  description: WorkflowExecutionDescription,
): Omit<Seen, 'status'> {
  const { runId, status, startTime, closeTime, memo, raw } = description;
  const attributes = description.searchAttributes as Record<string, unknown[] | undefined>;
  const text = (name: string) => {
    const value = attributes[name]?.[0];
    return typeof value === 'string' ? value : null;
  };
  return {
    place,
    runId,
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

/** How a closed deploy ended. UserError: refused (exit 2), cancelled, terminated or crashed (exit 1). */
export async function reportOf(session: Session, seen: Seen): Promise<DeployReport> {
  const { place, runId, report } = seen;
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

/** What became of the branch is known a few seconds later; null: not yet, or nobody can say. */
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
  const look = `What was seen last: ${plimsoll} status ${project} ${environment}`;
  if (name === 'TerminatedFailure')
    return new UserError(`${what} was terminated from outside: nothing was taken back.\n${look}`);
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
