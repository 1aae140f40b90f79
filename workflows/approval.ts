import type { SealedPlan } from '../domain/plan.ts';
import type { SignedDecision } from '../domain/schema.ts';
import { Closed } from './closed.ts';
import { collectDecisions } from './decisions.ts';
import { checkGates, closedReasons, freezeGate } from './preflight.ts';
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
  await gatesStillOpen(rollout, sealed);
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

/** A freeze may have begun; gates older than 30 min when the last approval lands are run again: still open, approvals hold. */
async function gatesStillOpen(rollout: Rollout, { plan, gates }: SealedPlan) {
  const frozen = plan.freezes ? closedReasons([freezeGate(plan, plan.freezes)]) : [];
  if (frozen.length > 0) throw new Closed('gate-closed', frozen);
  const oldest = Math.min(...gates.map((gate) => Date.parse(gate.checkedAt)));
  if (Date.now() - oldest <= plan.timing.gateMaxAgeMs) return;
  const again = await checkGates(plan);
  rollout.show({ gates: again });
  const closed = closedReasons(again);
  if (closed.length > 0) throw new Closed('gate-closed', closed);
}
