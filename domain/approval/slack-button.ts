import type { SealedPlan } from '../deploy/plan.ts';
import type { SlackButton } from '../config/config.ts';

export const slackActions = { approve: 'plimsoll_approve', reject: 'plimsoll_reject' } as const;

/**
 * Returns the value of a Slack button, as JSON. Slack sends this value back with each click, so
 * Plimsoll knows which question the click answers.
 */
export const buttonValue = ({ plan, digest }: SealedPlan): string => {
  const { deployId, project, environment } = plan;
  return JSON.stringify({ deployId, project, environment, digest } satisfies SlackButton);
};
