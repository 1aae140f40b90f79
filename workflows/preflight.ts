import { isCancellation } from '@temporalio/workflow';
import type { PlanInput } from '../domain/activities.ts';
import type { GateName, GateReport, Plan, SealedPlan } from '../domain/plan.ts';
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
  const closed = closedReasons(gates);
  if (closed.length > 0) throw new Closed('gate-closed', closed);
  return gates;
}

export async function seal(rollout: Rollout, plan: Plan, gates: GateReport[]): Promise<SealedPlan> {
  const sealed = await reading.sealPlan({ plan, gates });
  rollout.seal(sealed);
  return sealed;
}

export function checkGates(plan: Plan): Promise<GateReport[]> {
  const { after } = plan;
  return Promise.all([
    failClosed('tests', checking.checkTests({ plan })),
    failClosed('secrets', checking.checkSecrets({ plan })),
    failClosed('platform', checking.checkPlatform({ plan })),
    ...(after === undefined
      ? []
      : [failClosed('previous', checking.checkPrevious({ plan, after }))]),
  ]);
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
