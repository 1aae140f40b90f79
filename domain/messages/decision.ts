import type { Place } from '../deploy/snapshot.ts';
import { messages, plimsoll } from '../deploy/wire.ts';

/** The next step for a signed decision that was only printed. */
export const sendInWebUi = ({ project, environment }: Place) =>
  'The decision was not sent. To send the decision, open ' +
  `deploy/${project}/${environment} in the Web UI. Send a signal with the name ` +
  `"${messages.decide}" and this JSON as its input.`;

/** Printed if no worker has ruled on the decision in time. */
export const notRuledYet = ({ project, environment }: Place) =>
  'Temporal has stored the decision, but no worker has ruled on it yet. A worker rules on it as ' +
  'soon as a worker runs again.\n' +
  `See the ruling:  ${plimsoll} status ${project} ${environment}`;
