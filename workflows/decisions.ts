import { condition, isCancellation, log } from '@temporalio/workflow';
import { approvalState } from '../domain/approval/approval-state.ts';
import type { ApprovalState } from '../domain/approval/approval-state.ts';
import { unheard } from '../domain/approval/unverified-requester.ts';
import type { Plan, Ruling, SealedPlan } from '../domain/deploy/plan.ts';
import type { SignedDecision } from '../domain/config/config.ts';
import { sentence } from './closed.ts';
import { reading, weighing } from './proxies.ts';
import type { Rollout } from './rollout.ts';

/**
 * The largest number of decisions on one question. After this number, the question closes without
 * an answer, so that forged decisions cannot fill the history.
 */
export const mostDecisions = 200;

type Question = {
  /** The deadline in epoch milliseconds. The deadline may change while the question is open. */
  deadline: () => number;
  remind: () => void;
  subject?: 'keep';
  /** The rule that says who must answer. Default: the rule of the plan. */
  rule?: () => Plan['rule'];
  /** This function is called after each decision that counts. */
  heard?: (state: ApprovalState) => void;
};

/**
 * Rules on the decisions in the order of their arrival. A ruling says whether a decision counts.
 * The question ends with enough approvals, with a rejection, at the deadline, or after
 * `mostDecisions`. Some decisions may have arrived before the last approval counted. They still get
 * a ruling, because one of them may be a rejection.
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

/**
 * Rules on the decisions that have no ruling when the deploy ends. These decisions answer no open
 * question. Each ruling is recorded with its reason, and has no other effect.
 */
export async function ruleOnTheRest(rollout: Rollout) {
  const { inbox, status, sealed } = rollout;
  for (let left = mostDecisions; sealed && inbox.length > 0 && left > 0; left -= 1) {
    const signed = inbox.shift();
    const earlier = status.rulings;
    try {
      const ruling = await weighing.ruleOnDecision({ sealed, signed, earlier, subject: 'nothing' });
      rollout.show({ rulings: [...earlier, ruling] });
    } catch (failure) {
      log.warn('a late decision could not be recorded', { failure: String(failure) });
      return;
    }
  }
}

/**
 * Rules on one decision. If the decision cannot be verified now, it does not count, and the
 * question stays open. The person may send the decision again.
 */
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

/**
 * Waits for the next decision, and reminds people again and again. Returns false when the deadline
 * has passed.
 */
async function nextDecision(rollout: Rollout, { plan }: SealedPlan, question: Question) {
  let remindAt = Date.now() + plan.timing.remindMs;
  for (;;) {
    const now = Date.now();
    if (rollout.inbox.length > 0) return true;
    const deadline = question.deadline();
    if (now >= deadline) return false;
    const waitMs = Math.max(1, Math.min(deadline, remindAt) - now);
    const moved = () => question.deadline() !== deadline;
    if (await condition(() => rollout.inbox.length > 0 || moved(), waitMs)) continue;
    if (Date.now() < deadline) question.remind();
    remindAt += plan.timing.remindMs;
  }
}
