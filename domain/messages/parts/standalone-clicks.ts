import type { ApprovalRule } from '../../deploy/plan.ts';

/**
 * Returns the text about a missing signature by key. Every eligible approver may give this
 * signature, also after a click.
 */
export const standaloneClicks = ({ eligible }: Pick<ApprovalRule, 'eligible'>): string[] => [
  `one signature by key, by ${eligible.join(' or ')}: clicks at Slack alone are not enough here`,
];
