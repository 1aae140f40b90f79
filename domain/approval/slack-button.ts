import type { SealedPlan } from '../deploy/plan.ts';
import type { SlackButton } from '../config/config.ts';

export const slackActions = { approve: 'plimsoll_approve', reject: 'plimsoll_reject' } as const;

/**
 * The value of a Slack button, as JSON. Slack returns this value with each click, so the click
 * names its question.
 */
export const buttonValue = ({ plan, digest }: SealedPlan): string => {
  const { deployId, project, environment } = plan;
  return JSON.stringify({ deployId, project, environment, digest } satisfies SlackButton);
};
