import type { Client, WorkflowHandle } from '@temporalio/client';
import type { SignedRequest } from '../../domain/config/config.ts';
import { requestAttributes } from '../../domain/contract/request-attributes.ts';
import type { OpenOrder, Session } from '../../domain/contract/session.ts';
import type { AftermathReport, DeployReport, DeployStatus } from '../../domain/deploy/plan.ts';
import type { Place } from '../../domain/deploy/snapshot.ts';
import { deployId, messages } from '../../domain/deploy/wire.ts';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { signalsRefused } from '../../domain/messages/order.ts';
import { lateSummary } from '../../domain/messages/late-rollback.ts';
import { requestDetails, requestSummary } from '../../domain/messages/request.ts';
import { codeOf, deepest, grpc, isAway } from './grpc.ts';
import { deployEndOf, fromDescription, taskEndOf, whyFailing } from './read-deploy.ts';
import { workflowOf } from './tasks.ts';

type Settings = {
  client: Client;
  address: string;
  /** The longest wait for the status from a worker, in milliseconds. */
  statusMs: number;
};

/** The time limit of one call to the server, in milliseconds. */
const serverMs = 10_000;
const taskMinutes = 10;
/**
 * HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT of Temporal's API. With it, the server returns only the
 * last event.
 */
const closeEvent = 2;

/** Makes the session of a client that may use Temporal. Errors of Temporal are thrown unchanged. */
export function createTemporalSession({ client, address, statusMs }: Settings): Session {
  const { namespace } = client.options;
  const within = <T>(call: () => Promise<T>, ms = serverMs) =>
    client.withDeadline(Date.now() + ms, call);
  const handleOf = (place: Place, runId?: string): WorkflowHandle =>
    client.workflow.getHandle(deployId(place.project, place.environment), runId);
  const status: Session['status'] = ({ place, runId }, ms) =>
    within(() => handleOf(place, runId).query<DeployStatus>(messages.status), ms).catch(() => null);

  /**
   * Starts a workflow. Its id is the id of the place, and this id is the lock. Returns null if the
   * lock is held.
   */
  async function holdLock(
    type: string,
    taskQueue: string,
    signed: SignedRequest,
    about: { staticSummary: string; staticDetails?: string },
  ): Promise<string | null> {
    const { request } = signed;
    const starting = () =>
      client.workflow.start(type, {
        taskQueue,
        workflowId: deployId(request.project, request.environment),
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [signed],
        ...about,
        typedSearchAttributes: requestAttributes(request),
      });
    try {
      return (await within(starting)).firstExecutionRunId;
    } catch (cause) {
      if ((cause as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw cause;
      return null;
    }
  }

  return {
    address,
    namespace,
    async registry() {
      const handle = client.workflow.getHandle(messages.registryId);
      const description = await known(within(() => handle.describe()));
      return (description?.memo as RegistryMemo | undefined) ?? null;
    },
    async lastPoll(taskQueue) {
      const { pollers } = await within(() =>
        client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: taskQueue },
          taskQueueType: 1,
        }),
      );
      const times = pollers?.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0));
      return Math.max(0, ...(times ?? [])) * 1000;
    },
    async deploy(place, runId) {
      const handle = handleOf(place, runId);
      const description = await known(within(() => handle.describe()));
      if (!description) return null;
      const snapshot = fromDescription(place, description);
      const [now, failing] = await Promise.all([
        status({ place, runId: snapshot.runId }, statusMs),
        snapshot.running ? within(() => whyFailing(client, description)) : null,
      ]);
      return { ...snapshot, status: now, failing };
    },
    status,
    async heir({ place, runId }) {
      const { history } = await within(() =>
        client.workflowService.getWorkflowExecutionHistory({
          namespace,
          execution: { workflowId: deployId(place.project, place.environment), runId },
          historyEventFilterType: closeEvent,
        }),
      );
      const { workflowExecutionContinuedAsNewEventAttributes: heir } =
        history?.events?.at(-1) ?? {};
      return heir?.newExecutionRunId ?? null;
    },
    async end({ place, runId }) {
      const handle = handleOf(place, runId);
      return await ended(
        within(() => handle.result() as Promise<DeployReport>).then((report) => ({ report })),
        deployEndOf,
      );
    },
    async aftermath({ deployId: id }, ms) {
      const handle = client.workflow.getHandle(`aftermath/${id}`);
      return await within(() => handle.result() as Promise<AftermathReport>, ms).catch(() => null);
    },
    start: (taskQueue, signed) =>
      holdLock(messages.deploy, taskQueue, signed, {
        staticSummary: requestSummary(signed.request),
        staticDetails: requestDetails(signed.request),
      }),
    rollBack: (taskQueue, signed) =>
      holdLock(messages.lateRollback, taskQueue, signed, {
        staticSummary: lateSummary(signed.request),
      }),
    async supersede({ place, runId }, signed) {
      const sending = within(() => handleOf(place, runId).signal(messages.supersede, signed));
      const stored = signalled('The request', sending).then(() => true);
      return (await known(stored)) ?? false;
    },
    async decide({ place, runId }, signed) {
      const sending = within(() => handleOf(place, runId).signal(messages.decide, signed));
      await signalled('The decision', sending);
    },
    async order({ place, runId }, order) {
      return (await known(within(() => send(handleOf(place, runId), order)))) ?? 'closed';
    },
    async begin(taskQueue, task) {
      const { type, workflowId, input, summary } = workflowOf(task);
      const handle = await within(() =>
        client.workflow.start(type, {
          taskQueue,
          workflowId,
          args: [input],
          workflowExecutionTimeout: `${taskMinutes} minutes`,
          staticSummary: summary,
        }),
      );
      return { id: handle.firstExecutionRunId, workflowId };
    },
    async taskEnd({ id, workflowId }, ms) {
      const handle = client.workflow.getHandle(workflowId, id);
      const result = within(() => handle.result() as Promise<unknown>, ms);
      try {
        return await ended(
          result.then((value) => ({ result: value })),
          taskEndOf,
        );
      } catch (cause) {
        if (codeOf(cause) === grpc.deadline) return null;
        throw cause;
      }
    },
    isAway,
  };
}

/**
 * Sends an order. Anybody with access to the namespace can send so many signals that the server
 * accepts no more. Even then, a rollback must be possible. So if the server refuses the signal,
 * `rollback` and `abort` are sent as a cancellation.
 */
async function send(handle: WorkflowHandle, it: OpenOrder): Promise<'sent' | 'cancelled'> {
  if (it.order === 'recover') await handle.terminate(it.reason);
  else if (it.order === 'flag')
    await signalled('flag', handle.signal(messages.flag, { text: it.text, who: it.who }));
  else if (it.order === 'retry') await signalled('retry', handle.signal(messages.retry));
  else {
    const refused = await handle.signal(messages[it.order]).then(
      () => false,
      (cause: unknown) => {
        if (refusesSignals(cause)) return true;
        throw cause;
      },
    );
    if (refused) await handle.cancel();
    return refused ? 'cancelled' : 'sent';
  }
  return 'sent';
}

/** Returns true if the server accepts no more signals for the workflow. */
const refusesSignals = (cause: unknown) =>
  codeOf(cause) === grpc.invalid && /limit for signal/i.test(deepest(cause).message);

/** Waits until the signal is stored. Throws a UserError if the server accepts no more signals. */
async function signalled<T>(what: string, sending: Promise<T>): Promise<T> {
  return await sending.catch((cause: unknown) => {
    throw refusesSignals(cause) ? new UserError(signalsRefused(what)) : cause;
  });
}

/** Resolves to the answer, or to undefined if the server does not know the workflow. */
async function known<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowNotFoundError') return undefined;
    throw cause;
  }
}

async function ended<T>(result: Promise<T>, otherwise: (cause: unknown) => T): Promise<T> {
  try {
    return await result;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowFailedError')
      return otherwise(cause.cause);
    throw cause;
  }
}
