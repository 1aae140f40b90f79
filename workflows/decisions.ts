import { condition, isCancellation, log } from '@temporalio/workflow';
import { approvalState } from '../domain/policy/approval-state.ts';
import type { ApprovalState } from '../domain/policy/approval-state.ts';
import { unheard } from '../domain/policy/claimed.ts';
import type { Plan, Ruling, SealedPlan } from '../domain/plan.ts';
import type { SignedDecision } from '../domain/schema.ts';
import { sentence } from './closed.ts';
import { reading, weighing } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/** A flood of forged decisions must not fill the history: after these the question closes unanswered. */
export const mostDecisions = 200;

type Question = {
  /** Epoch ms; it may move while it is waited for. */
  deadline: () => number;
  remind: () => void;
  subject?: 'keep';
  /** Who must answer, where it is not the plan's own rule. */
  rule?: () => Plan['rule'];
  /** After each decision that counts. */
  heard?: (state: ApprovalState) => void;
};

/**
 * Rule on every decision that arrives, in order, until enough of them count, one rejects, or time is up. What
 * came together with the last of them is heard as well: it may say no.
 */
export async function collectDecisions(
  rollout: Rollout,
  sealed: SealedPlan,
  question: Question,
): Promise<{ state: ApprovalState; counted: SignedDecision[]; flooded: boolean }> {
  const rulings: Ruling[] = [];
  const counted: SignedDecision[] = [];
  const judge = () => approvalState({ rule: question.rule?.() ?? sealed.plan.rule }, rulings);
  let state = judge();
  const open = () =>
    state.kind === 'waiting' || (state.kind === 'approved' && rollout.inbox.length > 0);
  while (open() && rulings.length < mostDecisions) {
    if (!(await nextDecision(rollout, sealed, question))) break;
    const signed = rollout.inbox.shift();
    const ruling = await rule(sealed, signed, rulings, question);
    rulings.push(ruling);
    rollout.show({ rulings: [...rollout.status.rulings, ruling] });
    state = judge();
    if (ruling.verdict !== 'counted') continue;
    counted.push(signed as SignedDecision);
    question.heard?.(state);
  }
  const flooded = state.kind === 'waiting' && rulings.length >= mostDecisions;
  return { state, counted, flooded };
}

/** What was sent too late, or to nobody, is recorded with its reason and changes nothing. */
export async function ruleOnTheRest(rollout: Rollout) {
  const { inbox, status } = rollout;
  const { sealed } = status;
  for (let left = mostDecisions; sealed && inbox.length > 0 && left > 0; left -= 1) {
    const signed = inbox.shift();
    const earlier = status.rulings;
    try {
      const ruling = await weighing.ruleOnDecision({ sealed, signed, earlier, subject: 'nothing' });
      rollout.show({ rulings: [...earlier, ruling] });
    } catch (failure) {
      log.warn('a late decision is not recorded', { failure: String(failure) });
      return;
    }
  }
}

/** What cannot be ruled on is not heard: the question stays open, and it may be sent again. */
async function rule(
  sealed: SealedPlan,
  signed: unknown,
  earlier: Ruling[],
  { subject }: Question,
): Promise<Ruling> {
  try {
    const asked = subject ? { subject } : {};
    return await reading.ruleOnDecision({ sealed, signed, earlier, ...asked });
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    return unheard(signed, { why: sentence(failure), at: new Date().toISOString() });
  }
}

/** False when time is up. A void answer never moves the deadline. */
async function nextDecision(rollout: Rollout, { plan }: SealedPlan, question: Question) {
  let remindAt = Date.now() + plan.timing.remindMs;
  for (;;) {
    const now = Date.now();
    if (rollout.inbox.length > 0) return true;
    const deadline = question.deadline();
    if (now >= deadline) return false;
    const patience = Math.max(1, Math.min(deadline, remindAt) - now);
    const moved = () => question.deadline() !== deadline;
    if (await condition(() => rollout.inbox.length > 0 || moved(), patience)) continue;
    if (Date.now() < deadline) question.remind();
    remindAt += plan.timing.remindMs;
  }
}
