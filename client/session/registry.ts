import { plimsoll } from '../../domain/deploy/wire.ts';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import { nearest } from '../../domain/lib/nearest.ts';
import type { Session } from './connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/**
 * A worker counts as stopped this many milliseconds after its last poll. One long poll lasts about
 * a minute.
 */
const freshMs = 90_000;

/**
 * Returns the queue and the projects of the newest worker, from the memo of the registry workflow.
 * PLIMSOLL_TASK_QUEUE overrides the queue. Throws a UserError if no worker ever ran here.
 */
export async function findWorker(io: Io, session: Session): Promise<RegistryMemo> {
  const override = io.env['PLIMSOLL_TASK_QUEUE'];
  const found = await session.registry();
  if (!found) throw noWorkerEver(session);
  return override ? { ...found, taskQueue: override } : found;
}

const noWorkerEver = ({ address, namespace }: Session) =>
  new UserError(
    `No worker has ever started at ${address}${namespace ? ` (namespace ${namespace})` : ''}, so nothing can be done.\n` +
      `Start one with your configuration:  ${plimsoll} worker --config plimsoll.yaml\n` +
      `Or everything on this machine:  ${plimsoll} up`,
    exitCodes.failed,
  );

/**
 * Throws a UserError (exit 2) if the project or environment is unknown. The error lists the known
 * names and suggests the nearest name.
 */
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
      `The names come from the worker's plimsoll.yaml. After a change, start the worker again: ${plimsoll} worker`,
    exitCodes.usage,
  );
}

/** The options of a request in which a person may leave out the ref. */
export type WithoutRef<Options extends { ref: string }> = Omit<Options, 'ref'> & { ref?: string };

/** Returns the options with their ref. The default is the branch of the project. */
export const withRef = <Options extends { project: string; ref?: string }>(
  { branches }: RegistryMemo,
  options: Options,
): Options & { ref: string } => ({
  ...options,
  ref: options.ref ?? branches?.[options.project] ?? 'main',
});

/** Returns true if a running worker polls the queue. */
export const isPolled = async (session: Session, taskQueue: string) =>
  Date.now() - (await session.lastPoll(taskQueue)) < freshMs;

/** Throws a UserError (exit 1) if no running worker polls the queue. */
export async function checkPolled(session: Session, taskQueue: string) {
  if (await isPolled(session, taskQueue)) return;
  throw new UserError(
    `No worker polls the queue ${taskQueue}. Nothing was started.\n` +
      `Start the worker of this queue again:  ${plimsoll} worker --config plimsoll.yaml\n` +
      `Or everything on this machine:  ${plimsoll} up`,
    exitCodes.failed,
  );
}
