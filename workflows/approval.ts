import { endedUndecided, floodWords, unansweredWords } from '../domain/messages/question.ts';
import type { SealedPlan } from '../domain/deploy/plan.ts';
import type { SignedDecision } from '../domain/config/config.ts';
import { Closed } from './closed.ts';
import { collectDecisions, mostDecisions } from './decisions.ts';
import { gatesStillOpen } from './preflight.ts';
import type { Rollout } from './rollout.ts';

/**
 * Waits for signed decisions, and returns the decisions that count. Reminds the approvers every 30
 * min. Throws a Closed error if an approver rejects the plan, the plan expires (after 2 h), or a
 * gate has closed.
 */
export async function awaitApproval(
  rollout: Rollout,
  sealed: SealedPlan,
): Promise<SignedDecision[]> {
  const { plan } = sealed;
  if (plan.rule.required === 0) return [];
  rollout.enter('approval');
  rollout.notes.parent(rollout.status);
  rollout.notes.askApprovers(sealed);
  const { state, counted, flooded } = await asked(rollout, sealed);
  if (state.kind === 'rejected') throw new Closed('rejected', [state.why]);
  if (flooded) throw new Closed('expired', [floodWords(plan, state.why, mostDecisions)]);
  if (state.kind === 'waiting')
    throw new Closed('expired', [`${state.why} until ${plan.notAfter}`]);
  rollout.lock.approved = true;
  await gatesStillOpen(rollout, plan);
  return counted;
}

/**
 * Asks the approvers to approve the plan. When the question ends, removes its buttons from Slack.
 * This also happens if the deploy is cancelled.
 */
async function asked(rollout: Rollout, sealed: SealedPlan) {
  const { notes, status } = rollout;
  let end = endedUndecided;
  try {
    const answer = await collectDecisions(rollout, sealed, {
      deadline: () => Date.parse(sealed.plan.notAfter),
      remind: () => notes.remindApprovers(sealed, status),
      heard: ({ kind, why }) => {
        if (kind === 'waiting') notes.answered(sealed, status, { open: true, why });
      },
    });
    const { kind, why } = answer.state;
    end = kind === 'waiting' ? unansweredWords(why, answer) : why;
    return answer;
  } finally {
    notes.answered(sealed, status, { open: false, why: end });
  }
}
