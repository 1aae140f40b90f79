import type { SealedPlan } from '../domain/plan.ts';
import type { SignedDecision } from '../domain/schema.ts';
import { Closed } from './closed.ts';
import { collectDecisions } from './decisions.ts';
import { closedReasons, closeUnless, freezeGate, gatesStillOpen } from './preflight.ts';
import type { Rollout } from './rollout.ts';

/** Wait for signed decisions; remind at 30 min, close as expired at 2 h. Returns the decisions that count. */
export async function awaitApproval(
  rollout: Rollout,
  sealed: SealedPlan,
): Promise<SignedDecision[]> {
  const { plan } = sealed;
  if (plan.rule.required === 0) return [];
  rollout.enter('approval');
  rollout.notes.parent(rollout.status);
  rollout.notes.askApprovers(sealed);
  const { state, counted } = await asked(rollout, sealed);
  if (state.kind === 'rejected') throw new Closed('rejected', [state.why]);
  if (state.kind === 'waiting')
    throw new Closed('expired', [`${state.why} until ${plan.notAfter}`]);
  rollout.slot.approved = true;
  if (plan.freezes) closeUnless(closedReasons([freezeGate(plan, plan.freezes)]));
  await gatesStillOpen(rollout, plan);
  return counted;
}

/** However the question ends, also by an order to go back: nothing to press stays below it. */
async function asked(rollout: Rollout, sealed: SealedPlan) {
  const { notes, status } = rollout;
  let end = 'the deploy ended before anybody had decided';
  try {
    const answer = await collectDecisions(rollout, sealed, {
      deadline: () => Date.parse(sealed.plan.notAfter),
      remind: () => notes.remindApprovers(sealed, status),
      heard: ({ kind, why }) => {
        if (kind === 'waiting') notes.answered(sealed, status, { open: true, why });
      },
    });
    const { kind, why } = answer.state;
    end = kind === 'waiting' ? `nobody answered in time; ${why}` : why;
    return answer;
  } finally {
    notes.answered(sealed, status, { open: false, why: end });
  }
}
