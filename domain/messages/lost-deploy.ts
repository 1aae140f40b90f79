import type { LostDeploy } from '../contract/activities.ts';
import type { HostState, Plan } from '../deploy/plan.ts';
import { crossingWords } from './migrations.ts';
import { onHosts } from './parts/served.ts';

// Parts of sentences about a deploy that stopped without an outcome, for its report and its page.

export const lostCause = ({ how }: LostDeploy) => `the deploy ${how} while it was running`;

export const neverTouched = 'the deploy had not changed production yet';

export const servesOld = (states: HostState[]) =>
  `the previous release is served: ${onHosts(states)}`;

export const servesForeign = (states: HostState[]) =>
  `another release was made live in the meantime (${onHosts(states)}): nothing was changed`;

export const rollbackNotApproved = (states: HostState[], plan: Plan) =>
  `${onHosts(states)}: the release contains ${crossingWords(plan)}`;

export const firstHasNoRollback = 'a first deploy has no rollback target';

export const rolledBackFrom = (states: HostState[]) => `rolled back from ${onHosts(states)}`;

/** Returns the reason why a recovery of this deploy is refused. */
export const notLost = (deployId: string) =>
  `The deploy ${deployId.slice(0, 80)} is not lost: it has ended, or its workflow still runs.\n` +
  'Nothing was changed. See the state of all deploys: plimsoll status';

/** The line that `reconcile` prints while the rollback runs. */
export const goesOn = 'the rollback is running; no action is needed';

/** The line about a run of `reconcile` in the list of the Web UI. */
export const reconcileSummary = 'reconcile, ordered by a person';

/** Returns the line about the recovery workflow in the list of the Web UI. */
export const recoverySummary = ({ project, environment, how }: LostDeploy) =>
  `rollback of ${project} ${environment}, which ${how}`.slice(0, 190);
