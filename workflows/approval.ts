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
  const { state, counted } = await collectDecisions(rollout, sealed, {
    deadline: () => Date.parse(plan.notAfter),
    remind: () => rollout.notes.remindApprovers(sealed, rollout.status),
  });
  if (state.kind === 'rejected') throw new Closed('rejected', [state.why]);
  if (state.kind === 'waiting')
    throw new Closed('expired', [`${state.why} until ${plan.notAfter}`]);
  rollout.slot.approved = true;
  await gatesStillOpen(rollout, sealed);
  return counted;
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
