import type { Plan } from '../plan.ts';

type Crossed = Pick<Plan, 'forwardOnly'>;

export const crossingWords = ({ forwardOnly }: Crossed) =>
  `schema migrations that are not declared backward-compatible (${forwardOnly})`;

/** What approvers read, and sign, before. */
export const forwardOnlyNote = (plan: Crossed) =>
  `NOT taken back by itself: it brings ${crossingWords(plan)}; if it fails, it stays as it is ` +
  'until an approver signs the way back';

export const declaredNote = (files: string) =>
  `taken back across schema migrations that say they are backward-compatible (${files})`;
