import type { ApprovalRule } from '../../deploy/plan.ts';

/**
 * The text about the missing signature by key. Every eligible approver may sign, even an approver
 * who has already clicked.
 */
export const standaloneClicks = ({ eligible }: Pick<ApprovalRule, 'eligible'>): string[] => [
  `one signature by key, by ${eligible.join(' or ')}: clicks at Slack alone are not enough here`,
];
