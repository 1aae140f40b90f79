import { ApplicationFailure } from '@temporalio/workflow';
import type { Entry } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import { plimsoll } from '../domain/messages.ts';
import { intending, reading } from './proxies.ts';

export type CloseIncident = { incident: string; by: string; note: string };

/** Who closed it is recorded; a record changes nothing else, so it needs no signature. Answers what was closed. */
export async function closeIncident({ incident, by, note }: CloseIncident): Promise<Entry> {
  const kinds: Entry['kind'][] = ['incident', 'incident-closed'];
  const entries = await reading.readLedger({ kinds, limit: 1000 });
  const named = (kind: Entry['kind']) =>
    entries.find((entry) => entry.kind === kind && entry.body['incident'] === incident);
  const opened = named('incident');
  if (!opened) throw unknownIncident(incident);
  const closed = named('incident-closed');
  if (closed) throw closedAlready(incident, closed);
  const { deployId, project, environment } = opened;
  const key = `${incident}/closed`;
  const body = { incident, by, note };
  const entry = { kind: 'incident-closed', key, deployId, project, environment, body } as const;
  await intending.append(entry);
  return opened;
}

const unknownIncident = (incident: string) =>
  ApplicationFailure.nonRetryable(
    `No incident "${incident}" is recorded: nothing was closed.\nThe open ones: ${plimsoll} incidents`,
    failures.refused,
  );

const closedAlready = (incident: string, { at, body }: Entry) =>
  ApplicationFailure.nonRetryable(
    `${incident} was closed already, by ${String(body['by'])} at ${at}.\n` +
      `What was recorded: ${plimsoll} incidents ${incident}`,
    failures.refused,
  );
