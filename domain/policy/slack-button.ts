import type { SealedPlan } from '../plan.ts';
import type { SlackButton } from '../schema.ts';

export const slackActions = { approve: 'plimsoll_approve', reject: 'plimsoll_reject' } as const;

/** Slack hands it back as it is: which question was answered. */
export const buttonValue = ({ plan, digest }: SealedPlan): string => {
  const { deployId, project, environment } = plan;
  return JSON.stringify({ deployId, project, environment, digest } satisfies SlackButton);
};
