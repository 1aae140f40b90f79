import type { Plan } from '../deploy/plan.ts';

type Crossed = Pick<Plan, 'forwardOnly'>;

export const crossingWords = ({ forwardOnly }: Crossed) =>
  `schema migrations that are not declared backward-compatible (${forwardOnly})`;

/**
 * Returns the note that a failure of this deploy causes no automatic rollback. Approvers read this
 * note before they sign.
 */
export const forwardOnlyNote = (plan: Crossed) =>
  `NOT automatic: this release contains ${crossingWords(plan)}; if this release fails, ` +
  'it stays live until an approver signs the rollback';

export const declaredNote = (files: string) =>
  `the rollback crosses schema migrations that are declared backward-compatible (${files})`;
