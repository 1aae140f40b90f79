import { plimsoll } from '../deploy/wire.ts';

/** Returns the text that is printed if a person closes an incident that is not in the ledger. */
export const unknownIncident = (incident: string) =>
  `No incident "${incident}" is recorded: nothing was closed.\nOpen incidents: ${plimsoll} ` +
  'incidents';

export const closedAlready = (incident: string, { by, at }: { by: string; at: string }) =>
  `${incident} is already closed, by ${by} at ${at}.\n` +
  `See the record: ${plimsoll} incidents ${incident}`;
