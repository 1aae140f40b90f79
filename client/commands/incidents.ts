import { randomUUID } from 'node:crypto';
import type { Entry } from '../../domain/activities.ts';
import { messages, plimsoll } from '../../domain/messages.ts';
import { nearest } from '../../domain/policy/nearest.ts';
import { clean } from '../clean.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';

export type Incident = {
  incident: string;
  severity: string;
  project: string | null;
  environment: string | null;
  openedAt: string;
  due: string | null;
  cause: string;
  /** What became of the branch, once that is known. */
  branch: string | null;
  closed: { at: string; by: string; note: string } | null;
  /** Markdown. */
  draft: string;
};

const kinds: Entry['kind'][] = ['incident', 'incident-closed', 'revert'];

/** Open ones first, newest first; or one with its post-mortem draft. */
export const incidents = (
  io: Io,
  { id, project }: { id?: string; project?: string },
): Promise<number> =>
  withSession(io, async (session) => {
    const { taskQueue } = await workerFor(io, session, project);
    const input = { kinds, limit: 1000, ...(project ? { project } : {}) };
    const all = incidentsIn(
      await runReadOnly<Entry[]>(session, {
        type: messages.history,
        taskQueue,
        workflowId: `history/${randomUUID()}`,
        input,
        summary: 'incidents, read only',
      }),
    );
    if (id === undefined) io.data(all, renderIncidents(all));
    else io.data(named(all, id), renderIncident(named(all, id)));
    return exitCodes.ok;
  });

/** Unsigned: it records who says that it is done, and changes nothing else. */
export const closeIncident = (
  io: Io,
  { id, by, note }: { id: string; by: string; note: string },
): Promise<number> =>
  withSession(io, async (session) => {
    const { taskQueue } = await workerFor(io, session, undefined);
    await runReadOnly<Entry>(session, {
      type: messages.closeIncident,
      taskQueue,
      workflowId: `close/${id}/${randomUUID()}`,
      input: { incident: id, by, note },
      summary: `${id} is closed by ${by}`.slice(0, 190),
    });
    io.data({ incident: id, closedBy: by, note }, `${id} is closed by ${by}.`);
    return exitCodes.ok;
  });

async function workerFor(io: Io, session: Session, project: string | undefined) {
  const worker = await findWorker(io, session);
  if (project !== undefined) checkKnown(worker, { project });
  await checkPolled(session, worker.taskQueue);
  return worker;
}

/** Entries newest first, as the ledger gives them. */
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
      `All of them: ${plimsoll} incidents`,
    exitCodes.usage,
  );
}

export const renderIncidents = (all: Incident[]): string =>
  clean(all).map(oneLine).join('\n') || 'No incident was ever recorded.';

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
    ...(branch ? [`What became of the branch: ${branch}`] : []),
    ...(closed
      ? [`Closed by ${closed.by} at ${closed.at}${closed.note && `: ${closed.note}`}`]
      : []),
  ].join('\n\n');
}
