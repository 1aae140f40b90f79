import type { Plan } from '../deploy/plan.ts';
import { needsKey, noClick } from '../approval/slack-door.ts';

/**
 * Returns one line about clicks at Slack, for the command `plan` and for the approval request.
 * null: clicks do not count for this plan.
 */
export function slackLine(plan: Pick<Plan, 'rule' | 'rollbackTarget' | 'noReturn'>): string | null {
  const { rule } = plan;
  if (rule.required === 0 || rule.slack === undefined) return null;
  const why = noClick(plan);
  if (why) return `by Slack: a click can only reject; ${why}`;
  if (needsKey(rule))
    return 'by Slack: a click counts, and one approval must be a signature by key';
  return 'by Slack: a click is enough';
}
