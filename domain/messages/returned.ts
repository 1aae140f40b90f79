import type { DriftFinding, Page } from '../contract/activities.ts';
import { refOf } from '../deploy/plan.ts';
import type { Plan } from '../deploy/plan.ts';
import { plimsoll } from '../deploy/wire.ts';
import { short } from './parts/format.ts';

// Texts about a release that was rolled back and is served again.

type Where = { project: string; environment: string };
const where = ({ project, environment }: Where) => `${project} ${environment}`;

/**
 * Returns the page that is sent when a check finds a rolled back release live again. The rollback
 * begins at the same time.
 */
export const returnedPage = (finding: DriftFinding, sha: string): Page => ({
  deploy: {
    deployId: `returned-${finding.project}-${finding.environment}-${sha.slice(0, 12)}`,
    ...{ project: finding.project, environment: finding.environment, sha },
  },
  step: 'returned',
  title: `${where(finding)} serves the rolled back release ${short(sha)} again`,
  text: [
    `${finding.why}.`,
    'An effect of the failed deploy came late, for example because a worker was paused. Plimsoll ' +
      'rolls the release back again now.',
    `See the result: ${plimsoll} status ${where(finding)}`,
    `To keep this release, deploy it again: ${plimsoll} deploy ${where(finding)} --ref ${sha.slice(0, 12)}`,
  ].join('\n'),
  priority: 'high',
});

/** Returns the page that is sent if the second rollback fails. */
export function notRolledBackAgainPage(plan: Plan, why: string): Page {
  const sha = plan.rollbackTarget?.sha ?? '';
  return {
    deploy: refOf(plan),
    step: 'returned/failed',
    title: `${where(plan)} serves the rolled back release ${short(plan.sha)} again, and the rollback failed`,
    text: [
      `Plimsoll tried to make ${short(sha)} live again: ${why}`,
      `See what is live: ${plimsoll} status ${where(plan)}`,
      `Deploy the previous release: ${plimsoll} deploy ${where(plan)} --ref ${sha.slice(0, 12)}`,
    ].join('\n'),
    priority: 'urgent',
  };
}

/** Returns the line about the workflow in the list of the Web UI. */
export const returnedSummary = (place: Where) =>
  `rolls back again: ${where(place)} serves a release that was rolled back`;

export const rolledBackAgain = ({ rollbackTarget }: Plan) =>
  `${short(rollbackTarget?.sha ?? '')} is live again`;

export const nothingReturned = 'the release that was rolled back is not served';
