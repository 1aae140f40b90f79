import { ApplicationFailure } from '@temporalio/workflow';
import type { Entry } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { closedAlready, unknownIncident } from '../../domain/messages/incident.ts';
import { intending, reading } from '../proxies.ts';

export type CloseIncident = { incident: string; by: string; note: string };

/**
 * Records who closed the incident, and returns the entry that opened the incident. Nothing else
 * changes, so no signature is needed.
 */
export async function closeIncident({ incident, by, note }: CloseIncident): Promise<Entry> {
  const kinds: Entry['kind'][] = ['incident', 'incident-closed'];
  const entries = await reading.readLedger({ kinds, limit: 1000 });
  const named = (kind: Entry['kind']) =>
    entries.find((entry) => entry.kind === kind && entry.body['incident'] === incident);
  const opened = named('incident');
  if (!opened) throw refused(unknownIncident(incident));
  const closed = named('incident-closed');
  if (closed)
    throw refused(closedAlready(incident, { by: String(closed.body['by']), at: closed.at }));
  const { deployId, project, environment } = opened;
  const key = `${incident}/closed`;
  const body = { incident, by, note };
  const entry = { kind: 'incident-closed', key, deployId, project, environment, body } as const;
  await intending.append(entry);
  return opened;
}

const refused = (text: string) => ApplicationFailure.nonRetryable(text, failures.refused);
