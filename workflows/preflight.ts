import { isCancellation } from '@temporalio/workflow';
import type { PlanInput } from '../domain/contract/activities.ts';
import { checksOf, judgedOf } from '../domain/gates/table.ts';
import type { CheckName } from '../domain/gates/table.ts';
import type { GateName, GateReport, Plan, SealedPlan } from '../domain/deploy/plan.ts';
import { newWaivers } from '../domain/gates/new-waivers.ts';
import { uncheckedGate } from '../domain/messages/unchecked-gate.ts';
import { Closed, sentence } from './closed.ts';
import { checking, reading } from './proxies.ts';
import type { Rollout } from './rollout.ts';

export async function makePlan(rollout: Rollout, input: PlanInput): Promise<Plan> {
  const plan = await reading.planDeploy(input);
  rollout.show({ deployId: plan.deployId });
  rollout.planned = plan;
  rollout.lock.hold(plan);
  return plan;
}

/** Checks all gates in parallel. Throws a Closed error with the reasons of every closed gate. */
export async function preflight(rollout: Rollout, plan: Plan): Promise<GateReport[]> {
  rollout.enter('preflight');
  const gates = await checkGates(plan);
  rollout.show({ gates });
  closeUnless(closedReasons(gates));
  return gates;
}

function closeUnless(reasons: string[]) {
  if (reasons.length > 0) throw new Closed('gate-closed', reasons);
}

/**
 * Checks all gates again if the oldest check is more than 30 min old. Throws a Closed error if a
 * gate is closed now, or if only a new waiver keeps it open. Otherwise, the approvals stay valid.
 */
export async function gatesStillOpen(rollout: Rollout, plan: Plan, { built = false } = {}) {
  const oldest = Math.min(...rollout.status.gates.map(({ checkedAt }) => Date.parse(checkedAt)));
  if (Date.now() - oldest <= plan.timing.gateMaxAgeMs) return;
  const again = await checkGates(plan, { built });
  rollout.show({ gates: again });
  const sealed = rollout.status.sealed?.gates ?? [];
  closeUnless([...closedReasons(again), ...newWaivers(sealed, again)]);
}

export async function seal(rollout: Rollout, plan: Plan, gates: GateReport[]): Promise<SealedPlan> {
  const { memo, ...sealed } = await reading.sealPlan({ plan, gates });
  rollout.seal(sealed, memo);
  return sealed;
}

/** All checks by name. The table of gates says which input each check gets. */
const checks = checking as Record<CheckName, (input: object) => Promise<GateReport>>;

/**
 * Checks and judges all gates. With `hold: false` no cost is reserved, because no deploy follows.
 */
export async function checkGates(
  plan: Plan,
  { hold = true, built = false } = {},
): Promise<GateReport[]> {
  const asked = await Promise.all(
    checksOf(plan, { hold }).map(({ gate, check, input }) =>
      failClosed(gate, checks[check](input)),
    ),
  );
  const now = Date.now();
  const checkedAt = new Date(now).toISOString();
  const judged = judgedOf(plan, { now, built });
  return [...asked, ...judged.map((one) => ({ ...one, checkedAt }))];
}

const closedReasons = (gates: GateReport[]) =>
  gates
    .filter((gate) => !gate.open)
    .flatMap(({ gate, reasons }) => reasons.map((why) => `${gate}: ${why}`));

/** Waits for a check. A gate that could not be checked is closed. */
async function failClosed(gate: GateName, check: Promise<GateReport>): Promise<GateReport> {
  try {
    return await check;
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    const reasons = [uncheckedGate(sentence(failure))];
    return { gate, open: false, reasons, checkedAt: new Date().toISOString() };
  }
}
