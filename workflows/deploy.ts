import { CancelledFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Cause, DeployReport, Outcome, SealedPlan } from '../domain/plan.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { startAftermath } from './aftermath.ts';
import { awaitApproval } from './approval.ts';
import { causeOf, Closed, sentence } from './closed.ts';
import { makePlan, preflight, seal } from './preflight.ts';
import { proveRestored, release } from './platforms/index.ts';
import { reading } from './proxies.ts';
import { Rollout } from './rollout.ts';
import { settle, settleClosed } from './settle.ts';
import { smoke } from './smoke.ts';
import { UndoStack } from './undo.ts';
import { watch } from './watch.ts';

/**
 * plan ─ preflight ─ approval ─ release ─ smoke ─ watch ─ settle
 *                                  │        │       │
 *                                  └────────┴───────┴──▶ restore ─ prove ─▶ aftermath (own workflow)
 *
 * Closed before the first effect: nothing was touched. After it: fully new, fully old, or stuck with a person called.
 */
export async function deploy(signed: SignedRequest): Promise<DeployReport> {
  const rollout = new Rollout(signed.request);
  const undo = new UndoStack();
  try {
    const outcome = await rollout.forward(() => voyage(rollout, undo, signed));
    await settle(rollout, outcome);
    return report(rollout, outcome, []);
  } catch (failure) {
    return undo.touched
      ? await goBack(rollout, undo, failure)
      : await closeUntouched(rollout, failure);
  }
}

async function voyage(rollout: Rollout, undo: UndoStack, signed: SignedRequest): Promise<Outcome> {
  const { runId } = workflowInfo();
  const plan = await makePlan(rollout, { signed, runId, record: true });
  const gates = await preflight(rollout, plan);
  const sealed = await seal(rollout, plan, gates);
  const approvals = await awaitApproval(rollout, sealed);
  await reading.verifyApprovals({ sealed, signed: approvals });
  await release(rollout, undo, plan);
  await smoke(rollout, plan);
  return await watch(rollout, plan);
}

/** Restore every host, prove it by probing, and leave what follows to a workflow that holds no slot. */
async function goBack(rollout: Rollout, undo: UndoStack, failure: unknown): Promise<DeployReport> {
  const cause = causeOf(failure, rollout.ordered);
  const sealed = rollout.status.sealed as SealedPlan;
  rollout.enter('restore', { cause, stuck: null });
  rollout.notes.parent(rollout.status);
  const outcome = await restore(rollout, undo, sealed);
  rollout.close(outcome);
  await startAftermath({ plan: sealed.plan, restored: sealed.plan.restoreTo, cause, outcome });
  await settleClosed(rollout);
  if (isCancellation(failure) && !rollout.ordered) throw failure;
  return report(rollout, outcome, [cause.detail]);
}

async function restore(
  rollout: Rollout,
  undo: UndoStack,
  { plan }: SealedPlan,
): Promise<'rolled-back' | 'restore-failed'> {
  const patience = plan.timing.restoreGiveUpMs;
  try {
    if (!plan.restoreTo) throw new Closed('restore-failed', ['a first deploy has no way back']);
    await undo.unwind((name, act) => rollout.insist(name, act, patience));
    await proveRestored(rollout, plan);
    return 'rolled-back';
  } catch (failure) {
    rollout.show({
      stuck: null,
      cause: { ...(rollout.status.cause as Cause), detail: sentence(failure) },
    });
    rollout.notes.page(rollout.status);
    return 'restore-failed';
  }
}

/** Nothing reached production: the reason is the whole story. A request that cannot be planned fails the workflow. */
async function closeUntouched(rollout: Rollout, failure: unknown): Promise<DeployReport> {
  const cancelled = isCancellation(failure);
  const planned = rollout.status.deployId !== '';
  if (!planned && !cancelled) throw failure;
  const { outcome, reasons } =
    failure instanceof Closed
      ? failure
      : { outcome: 'aborted' as const, reasons: [causeOf(failure, rollout.ordered).detail] };
  rollout.close(outcome);
  await settleClosed(rollout, { outcome, reasons });
  if (cancelled && !rollout.ordered) throw new CancelledFailure(reasons.join('; '));
  return report(rollout, outcome, reasons);
}

function report({ status }: Rollout, outcome: Outcome, reasons: string[]): DeployReport {
  const { deployId, project, environment } = status;
  const plan = status.sealed?.plan;
  const touched = !['gate-closed', 'rejected', 'expired', 'aborted'].includes(outcome);
  return {
    deployId,
    project,
    environment,
    platform: plan?.target.platform ?? 'vps',
    sha: plan?.sha ?? null,
    outcome,
    reasons,
    touched,
  };
}
