import type { Session } from '../contract/session.ts';
import type { Place } from '../deploy/snapshot.ts';
import { plimsoll } from '../deploy/wire.ts';

/** Returns the text that `deploy` and `watch` print while the Temporal server does not answer. */
export const serverAway = ({ address, namespace }: Pick<Session, 'address' | 'namespace'>) =>
  `${namespace === null ? 'The door' : 'Temporal'} at ${address} does not answer; asking again …`;

export const watchNext = ({ project, environment }: Place) =>
  `Watch the new deploy:  ${plimsoll} watch ${project} ${environment}`;

export const gatesOpen = (waits: string) => `The gates are open; ${waits}.`;

export const watchIt = ({ project, environment }: Place) =>
  `Watch it:  ${plimsoll} watch ${project} ${environment}`;

/** Returns the text that `watch` and `deploy` print after a person pressed Ctrl-C. */
export const detachedText = ({ project, environment }: Place) =>
  'You no longer watch the deploy. The deploy continues.\n' +
  `Watch it again:  ${plimsoll} watch ${project} ${environment}\n` +
  `Stop it:         ${plimsoll} abort ${project} ${environment}`;
