import type { DeploySnapshot } from '../deploy/snapshot.ts';
import { phaseOf } from '../deploy/snapshot.ts';
import { plimsoll } from '../deploy/wire.ts';
import { crossingWords } from './migrations.ts';
import { clean } from './parts/clean.ts';

// The texts below are causes of a rollback.

export const personSent = (order: 'abort' | 'rollback') => `a person sent ${order}`;
export const cancelledOutside = 'cancelled from outside';
export const givenUp = 'a person gave up with abort';
export const historyHalfFull =
  'half of the history of the deploy was used, most often by a flood of signals, so the deploy ended ' +
  'before Temporal would end it without a rollback';

/** The signals that a person may send without a signature. */
export type Order = 'retry' | 'rollback' | 'abort';

const untouchedPhases = ['planning', 'preflight', 'approval'];

/**
 * Returns the text for a person if the server refused a signal, and the deploy was cancelled
 * instead.
 */
export const cancelledInstead = (order: Order, snapshot: DeploySnapshot): string =>
  `The server accepts no more signals for this deploy, because too many arrived. So ${order} was sent ` +
  'as a cancellation: the deploy ends in the same way, and its workflow ends as Cancelled.' +
  (order === 'abort' && phaseOf(snapshot) === 'rollback'
    ? '\nA cancellation does not give up a stuck rollback. Fix the cause of the stuck step; it is tried again.'
    : '');

/**
 * Returns the error for a person if the server refused a signal, and a cancellation cannot replace
 * it.
 */
export const signalsRefused = (what: string): string =>
  `${what} was not sent: the server accepts no more signals for this deploy, because too many arrived.\n` +
  `To end the deploy, abort it; this works without a signal:  ${plimsoll} abort PROJECT ENVIRONMENT`;

/**
 * Returns the text about the effect of a signal in the current phase. If no worker runs, the text
 * says that the effect comes later.
 */
export function whatFollows(order: Order, snapshot: DeploySnapshot): string {
  const { status, place, sealed } = snapshot;
  const where = `${place.project} ${place.environment}`;
  const at = phaseOf(snapshot);
  const later = status ? '' : ' No worker answers now, so this happens when a worker is back.';
  if (order === 'retry') {
    const stuck = status?.stuck?.step;
    return stuck
      ? `${where}: the step "${stuck}" is tried again.${later}`
      : `${where}: retry was sent; no step is known to be stuck in ${at}.${later}`;
  }
  if (untouchedPhases.includes(at))
    return `${where}: the deploy closes as aborted in ${at}; production was not touched.${later}`;
  if (at === 'rollback') return `${where}: the release is already being rolled back.${later}`;
  if (at === 'awaiting-rollback-approval')
    return (
      `${where}: the deploy closes as rollback-not-approved; the live release stays as it is.` +
      later
    );
  if (sealed?.plan.forwardOnly !== undefined)
    return (
      `${where}: the deploy stops; the rollback crosses ${crossingWords(clean(sealed.plan))}.` +
      `${later} An approver must sign the rollback: ${plimsoll} reject ${where}`
    );
  const to = sealed?.plan.rollbackTarget?.sha.slice(0, 7);
  return to
    ? `${where}: the release is rolled back to ${to} and proven on every host.${later}`
    : `${where}: ${order} was sent in phase ${at}.${later}`;
}
