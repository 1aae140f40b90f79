import { isCancellation } from '@temporalio/workflow';
import type { PlanInput } from '../domain/activities.ts';
import type { GateName, GateReport, Plan, SealedPlan } from '../domain/plan.ts';
import { judgeFreeze, needsOf } from '../domain/policy/freeze.ts';
import type { FreezeWindow } from '../domain/policy/freeze.ts';
import { leftOf } from '../domain/policy/freeze-at-last.ts';
import { judgeStop, type Stop } from '../domain/policy/stop.ts';
import { Closed, sentence } from './closed.ts';
import { checking, reading } from './proxies.ts';
import type { Rollout } from './rollout.ts';

export async function makePlan(rollout: Rollout, input: PlanInput): Promise<Plan> {
  const plan = await reading.planDeploy(input);
  rollout.show({ deployId: plan.deployId });
  rollout.planned = plan;
  rollout.slot.hold(plan);
  return plan;
}

/** All gates in parallel; every closed one with its reasons. */
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

/** Gates older than 30 min are run again: still open, approvals hold. */
export async function gatesStillOpen(rollout: Rollout, plan: Plan, { built = false } = {}) {
  const oldest = Math.min(...rollout.status.gates.map(({ checkedAt }) => Date.parse(checkedAt)));
  if (Date.now() - oldest <= plan.timing.gateMaxAgeMs) return;
  const again = await checkGates(plan, { built });
  rollout.show({ gates: again });
  closeUnless(closedReasons(again));
}

export async function seal(rollout: Rollout, plan: Plan, gates: GateReport[]): Promise<SealedPlan> {
  const sealed = await reading.sealPlan({ plan, gates });
  rollout.seal(sealed);
  return sealed;
}

/** `hold: false`: nothing is kept for this deploy, there will be none. */
export async function checkGates(
  plan: Plan,
  { hold = true, built = false } = {},
): Promise<GateReport[]> {
  const { after, freezes } = plan;
  const asked = await Promise.all([
    failClosed('tests', checking.checkTests({ plan })),
    failClosed('secrets', checking.checkSecrets({ plan })),
    ...(plan.audit ? [failClosed('audit', checking.checkAudit({ plan }))] : []),
    failClosed('platform', checking.checkPlatform({ plan })),
    ...(plan.budget ? [failClosed('budget', checking.checkBudget({ plan, hold }))] : []),
    ...(after === undefined
      ? []
      : [failClosed('previous', checking.checkPrevious({ plan, after }))]),
  ]);
  return [
    ...asked,
    ...(freezes ? [freezeGate(plan, freezes, { built })] : []),
    ...(plan.stopped ? [stopGate(plan, plan.stopped)] : []),
  ];
}

/** By the windows that the plan knows: nothing has to be asked. */
export function freezeGate(
  plan: Plan,
  windows: FreezeWindow[],
  { built = false } = {},
): GateReport {
  const now = Date.now();
  const { priority, reason } = plan;
  const hotfix = priority === 'P0';
  const needsMs = built ? leftOf(plan) : needsOf(plan);
  const judged = judgeFreeze({ windows, now, needsMs, hotfix, reason });
  return { gate: 'freeze', ...judged, checkedAt: new Date(now).toISOString() };
}

/** By the stop that the plan knows; one that came later is found right before the first effect. */
function stopGate(plan: Plan, stop: Stop): GateReport {
  const checkedAt = new Date().toISOString();
  return { gate: 'stop', ...judgeStop(stop, plan), checkedAt };
}

export const closedReasons = (gates: GateReport[]) =>
  gates
    .filter((gate) => !gate.open)
    .flatMap(({ gate, reasons }) => reasons.map((why) => `${gate}: ${why}`));

/** A gate that could not be checked is closed. */
async function failClosed(gate: GateName, check: Promise<GateReport>): Promise<GateReport> {
  try {
    return await check;
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    const reasons = [`could not be checked: ${sentence(failure)}`];
    return { gate, open: false, reasons, checkedAt: new Date().toISOString() };
  }
}
