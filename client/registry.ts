import { messages, plimsoll } from '../domain/messages.ts';
import type { RegistryMemo } from '../domain/messages.ts';
import { nearest } from '../domain/policy/nearest.ts';
import type { Session } from './connect.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { notFound } from './not-found.ts';

/** A poller that has not been seen for this long is gone; one long poll lasts about a minute. */
const freshMs = 90_000;

/** What the worker announced. UserError: none ever did. PLIMSOLL_TASK_QUEUE overrides the queue. */
export async function findWorker(io: Io, session: Session): Promise<RegistryMemo> {
  const override = io.env['PLIMSOLL_TASK_QUEUE'];
  const found = await readRegistry(session);
  if (!found) throw noWorkerEver(session);
  return override ? { ...found, taskQueue: override } : found;
}

async function readRegistry({ client, within }: Session): Promise<RegistryMemo | undefined> {
  const handle = client.workflow.getHandle(messages.registryId);
  const description = await notFound(within(() => handle.describe()));
  return description?.memo as RegistryMemo | undefined;
}

const noWorkerEver = ({ address, namespace }: Session) =>
  new UserError(
    `No worker has ever started at ${address} (namespace ${namespace}): nobody could carry this out.\n` +
      `Start one with your configuration:  ${plimsoll} worker --config plimsoll.yaml\n` +
      `Or everything on this machine:  ${plimsoll} up`,
    exitCodes.failed,
  );

/** UserError, exit 2, with the known names and what was likely meant. */
export function checkKnown(
  { projects }: RegistryMemo,
  { project, environment }: { project: string; environment?: string | undefined },
) {
  const names = Object.keys(projects);
  if (!Object.hasOwn(projects, project)) throw unknownName('project', project, names, '');
  const environments = projects[project] ?? [];
  if (environment !== undefined && !environments.includes(environment))
    throw unknownName('environment', environment, environments, ` of ${project}`);
}

function unknownName(kind: string, name: string, known: string[], of: string) {
  const meant = nearest(name, known);
  const guess = meant ? ` Did you mean "${meant}"?` : '';
  return new UserError(
    `There is no ${kind} "${name}"${of}.${guess} Nothing was started.\n` +
      `Known ${kind}s${of}: ${known.join(', ') || 'none'}.\n` +
      `They come from the worker's plimsoll.yaml; after a change there: ${plimsoll} worker`,
    exitCodes.usage,
  );
}

/** UserError, exit 1: the queue has no living worker. */
export async function checkPolled({ client, namespace, within }: Session, taskQueue: string) {
  const { pollers } = await within(() =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: 1,
    }),
  );
  const newest = Math.max(
    0,
    ...(pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000),
  );
  if (Date.now() - newest < freshMs) return;
  throw new UserError(
    `No worker is running: nobody polls ${taskQueue}. Nothing was started.\n` +
      `Start it again with its configuration:  ${plimsoll} worker --config plimsoll.yaml\n` +
      `Or everything on this machine:  ${plimsoll} up`,
    exitCodes.failed,
  );
}
