import type { SealedPlan } from '../deploy/plan.ts';
import type { SlackButton } from '../config/config.ts';

export const slackActions = { approve: 'plimsoll_approve', reject: 'plimsoll_reject' } as const;

/**
 * The value of a Slack button, as JSON. Slack returns the value with the click, so the click names
 * the question that it answers.
 */
export const buttonValue = ({ plan, digest }: SealedPlan): string => {
  const { deployId, project, environment } = plan;
  return JSON.stringify({ deployId, project, environment, digest } satisfies SlackButton);
};
