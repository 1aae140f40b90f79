import type { Place } from '../deploy/snapshot.ts';
import { messages, plimsoll } from '../deploy/wire.ts';

/** Returns the text that says how to send a signed decision that was only printed. */
export const sendInWebUi = ({ project, environment }: Place) =>
  'The decision was not sent. To send the decision, open ' +
  `deploy/${project}/${environment} in the Web UI. Send a signal with the name ` +
  `"${messages.decide}" and this JSON as its input.`;

/** Returns the text for a person whose decision has no ruling in time. */
export const notRuledYet = ({ project, environment }: Place) =>
  'Temporal has stored the decision, but no worker has ruled on it yet. A worker rules on it as ' +
  'soon as a worker runs again.\n' +
  `See the ruling:  ${plimsoll} status ${project} ${environment}`;
