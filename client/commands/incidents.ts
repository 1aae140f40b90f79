import type { Entry } from '../../domain/contract/activities.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { nearest } from '../../domain/lib/nearest.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import { signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export const listing: Listing = {
  group: 'Look back',
  order: 2,
  summary: 'list the incidents, open incidents first; with an ID, show one incident and its draft',
};

export const verb: Verb = (command, execute) => {
  signed(command)
    .argument('[id]', 'the ID of an incident: incident-…')
    .option('--project <project>', 'show only the incidents of this project')
    .action((id, options) => execute((io) => incidents(io, { id, ...options })));
  command
    .command('close')
    .description('record that the post-mortem is done')
    .argument('<id>', 'the ID of the incident: incident-…')
    .requiredOption('--by <name>', 'the name of the person who finished the post-mortem')
    .option('--note <text>', 'where the post-mortem is kept', '')
    .action((id, _, close) =>
      execute((io) => closeIncident(io, { id, ...close.optsWithGlobals() })),
    );
};

export type Incident = {
  incident: string;
  severity: string;
  project: string | null;
  environment: string | null;
  openedAt: string;
  due: string | null;
  cause: string;
  /** A sentence that tells whether the branch was reverted. Null until the revert is recorded. */
  branch: string | null;
  closed: { at: string; by: string; note: string } | null;
  /** The post-mortem draft, in Markdown. */
  draft: string;
};

const kinds: Entry['kind'][] = ['incident', 'incident-closed', 'revert'];

/**
 * Lists the incidents. Open incidents come first, then the newest. With an `id`, shows only this
 * incident, with its post-mortem draft.
 */
export const incidents = (
  io: Io,
  { id, project, ...who }: IdentityOptions & { id?: string; project?: string },
): Promise<number> =>
  withSession(io, who, async (session) => {
    const { taskQueue } = await workerFor(io, session, project);
    const input = { kinds, limit: 1000, ...(project ? { project } : {}) };
    const all = incidentsIn(await runTask<Entry[]>(session, taskQueue, { task: 'history', input }));
    if (id === undefined) io.data(all, renderIncidents(all));
    else io.data(named(all, id), renderIncident(named(all, id)));
    return exitCodes.ok;
  });

/**
 * Records in the ledger who closed the incident. Changes nothing else, so no signature is needed.
 */
export const closeIncident = (
  io: Io,
  { id, by, note, ...who }: IdentityOptions & { id: string; by: string; note: string },
): Promise<number> =>
  withSession(io, who, async (session) => {
    const { taskQueue } = await workerFor(io, session, undefined);
    const input = { incident: id, by, note };
    await runTask<Entry>(session, taskQueue, { task: 'closeIncident', input });
    io.data({ incident: id, closedBy: by, note }, `${id} is closed by ${by}.`);
    return exitCodes.ok;
  });

async function workerFor(io: Io, session: Session, project: string | undefined) {
  const worker = await findWorker(io, session);
  if (project !== undefined) checkKnown(worker, { project });
  await checkPolled(session, worker.taskQueue);
  return worker;
}

/** Returns the incidents in `entries`, open incidents first. The entries must be newest first. */
export function incidentsIn(entries: Entry[]): Incident[] {
  const found = entries
    .filter(({ kind }) => kind === 'incident')
    .map((entry) => incidentOf(entry, entries));
  return found.toSorted((a, b) => Number(a.closed !== null) - Number(b.closed !== null));
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function incidentOf({ body, at, project, environment, deployId }: Entry, all: Entry[]): Incident {
  const incident = text(body['incident']);
  const closed = all.find(
    (it) => it.kind === 'incident-closed' && it.body['incident'] === incident,
  );
  const revert = all.find((it) => it.kind === 'revert' && it.deployId === deployId);
  const cause = (body['cause'] ?? {}) as { detail?: unknown };
  return {
    incident,
    ...{ project, environment, openedAt: at },
    severity: text(body['severity']),
    due: text(body['due']) || null,
    cause: text(cause.detail),
    branch: revert ? text(revert.body['note']) : null,
    closed: closed
      ? { at: closed.at, by: text(closed.body['by']), note: text(closed.body['note']) }
      : null,
    draft: text(body['draft']),
  };
}

function named(all: Incident[], id: string): Incident {
  const found = all.find(({ incident }) => incident === id || incident === `incident-${id}`);
  if (found) return found;
  const meant = nearest(
    id,
    all.map(({ incident }) => incident),
  );
  throw new UserError(
    `No incident "${id}" is recorded.${meant ? ` Did you mean "${meant}"?` : ''}\n` +
      `List all incidents: ${plimsoll} incidents`,
    exitCodes.usage,
  );
}

export const renderIncidents = (all: Incident[]): string =>
  clean(all).map(oneLine).join('\n') || 'No incident is recorded yet.';

function oneLine(it: Incident): string {
  const { severity, incident, project, environment, openedAt, due, closed, cause } = it;
  const state = closed ? `closed by ${closed.by}` : `OPEN, post-mortem due ${due ?? 'unknown'}`;
  return `${openedAt} ${severity} ${incident} ${project} ${environment}: ${state}: ${cause.slice(0, 120)}`;
}

export function renderIncident(incident: Incident): string {
  const { branch, closed } = clean(incident);
  const draft = incident.draft.split('\n').map(clean).join('\n');
  return [
    draft || oneLine(clean(incident)),
    ...(branch ? [`The branch: ${branch}`] : []),
    ...(closed
      ? [`Closed by ${closed.by} at ${closed.at}${closed.note && `: ${closed.note}`}`]
      : []),
  ].join('\n\n');
}
