import { plimsoll } from '../deploy/wire.ts';
import type { Click } from '../approval/slack-click.ts';
import type { Decision } from '../config/config.ts';

// Only the person who clicked sees these answers.

export const clickRepeated = 'This click was already received: it counts once. Nothing changed.';

export const clickStored = ({ project, environment }: Decision) =>
  'Temporal has stored this click, but no worker has processed it yet. The click counts when a ' +
  'worker runs again.\n' +
  `See the ruling: ${plimsoll} status ${project} ${environment}`;

export const clickFailed = ({ verb, button }: Click) =>
  'This click was not accepted, because the worker cannot reach a service that it needs. The log ' +
  'of the worker names the service. Nothing changed.\n' +
  `Click again, or sign the decision by key with: ${plimsoll} ${verb} ` +
  `${button?.project ?? 'PROJECT'} ${button?.environment ?? 'ENVIRONMENT'}`;

/** Returns the answer to a click that was verified but does not count. */
export const clickVoid = (why: string, { project, environment }: Decision) =>
  `This click does not count: ${why}. The click is recorded. Nothing changed.\n` +
  `Who may approve: ${plimsoll} status ${project} ${environment}`;

/**
 * Returns the line of the worker's log if the worker cannot listen at the address to which Slack
 * sends clicks.
 */
export const httpDeaf = (listen: string, why: string) =>
  `Clicks at Slack are not received at ${listen} (${why}): approvals are signed by key ` +
  'instead.\n' +
  'Another worker may already listen there. If not, set slack.approvals.http.listen to a free ' +
  'address and start the worker again.';

/** Returns the line of the worker's log if the socket to Slack is closed. */
export const socketDeaf = (why: string, { again }: { again: boolean }) =>
  `Clicks at Slack are not received: ${why}\n` +
  (again
    ? 'The worker tries again. Until clicks are received again, sign approvals by key.'
    : 'Until clicks are received again, sign approvals by key.');

export const clickNotTaken = (why: string) => `A click at Slack was not accepted: ${why}`;
export const clickNotAcknowledged = (why: string) =>
  `A click at Slack was not acknowledged: ${why}`;
export const answerNotSent = (why: string) =>
  `The person who clicked could not be notified at Slack: ${why}`;
