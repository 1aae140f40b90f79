import { CancelledFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Cause, DeployReport, Outcome, Plan } from '../domain/deploy/plan.ts';
import type { SignedRequest } from '../domain/config/config.ts';
import { replacedBy } from '../domain/messages/supersede.ts';
import { awaitApproval } from './approval.ts';
import { awaitDecision } from './decision.ts';
import { causeOf, Closed, closedGate, isOfAnotherRun, RollbackNeeded } from './closed.ts';
import { awaitRollbackApproval, staysAsItIs } from './rollback-approval.ts';
import { unlessFlagged } from './flag.ts';
import { becomeRecovery, handOver } from './hand-over.ts';
import { makePlan, preflight, seal } from './preflight.ts';
import { recheckBeforeFirstEffect } from './recheck.ts';
import { whileProving } from './proofs.ts';
import { release } from './platforms/index.ts';
import { reading } from './proxies.ts';
import { reportOf } from './report.ts';
import { Rollout } from './rollout.ts';
import { settle, settleClosed } from './settle.ts';
import { smoke } from './smoke.ts';
import { Compensations } from './compensations.ts';
import { watch } from './watch.ts';
import { rollBack } from './roll-back.ts';

/**
 * plan ─ preflight ─ approval ─ release ─ smoke ─ watch ─ settle
 *                                  │        │       │
 *                                  └────────┴───────┴──▶ rollback ─ prove ─▶ aftermath (own workflow)
 *
 * A deploy that closes before its first effect has changed nothing. After the first effect, a
 * deploy ends in one of three ways: every host serves the new release, every host serves the
 * previous release, or a person is paged.
 */
export async function deploy(
  signed: SignedRequest,
  /**
   * The requests that waited for the lock when the previous deploy gave the lock to this deploy.
   */
  waiting: unknown[] = [],
): Promise<DeployReport> {
  const rollout = new Rollout(signed.request, waiting);
  try {
    return await run(rollout, signed);
  } catch (failure) {
    if (!isOfAnotherRun(failure)) throw failure;
    return await becomeRecovery(rollout.status.deployId);
  }
}

async function run(rollout: Rollout, signed: SignedRequest): Promise<DeployReport> {
  const compensations = new Compensations();
  let outcome: Outcome;
  try {
    outcome = await rollout.forward(() => runPhases(rollout, compensations, signed));
  } catch (failure) {
    if (isOfAnotherRun(failure)) throw failure;
    return compensations.touched
      ? await rollBackAfter(rollout, compensations, failure)
      : await closeUntouched(rollout, failure);
  }
  // These steps are outside the try block, because a failure of the ledger must not roll back a
  // proven release.
  await settle(rollout, outcome);
  await rollout.answered();
  return reportOf(rollout.status, outcome, []);
}

async function runPhases(
  rollout: Rollout,
  compensations: Compensations,
  signed: SignedRequest,
): Promise<Outcome> {
  const { runId } = workflowInfo();
  const planned = await makePlan(rollout, { signed, runId, record: true });
  const gates = await preflight(rollout, planned);
  const sealed = await seal(rollout, planned, gates);
  const { plan } = sealed;
  const approvals = await awaitApproval(rollout, sealed);
  await reading.verifyApprovals({ sealed, signed: approvals });
  await release(rollout, compensations, {
    plan,
    recheckBeforeFirstEffect: () => recheckBeforeFirstEffect(rollout, sealed, approvals),
  });
  const judged = () =>
    unlessFlagged(
      rollout,
      () => judge(rollout, plan),
      () => awaitDecision(rollout, plan),
    );
  return await whileProving(rollout, judged);
}

async function judge(rollout: Rollout, plan: Plan): Promise<Outcome> {
  return (await smoke(rollout, plan)) ?? (await watch(rollout, plan));
}

/**
 * Ends a deploy that failed after its first effect, and returns its report. A cancel from outside
 * still ends the workflow as cancelled.
 */
async function rollBackAfter(
  rollout: Rollout,
  compensations: Compensations,
  failure: unknown,
): Promise<DeployReport> {
  const cause = causeOf(failure, rollout.ordered, rollout.status.flags?.[0]);
  const outcome = await endOf(rollout, compensations, { failure, cause });
  await rollout.answered();
  if (isCancellation(failure) && !rollout.ordered) throw failure;
  return reportOf(rollout.status, outcome, [cause.detail]);
}

/**
 * Rolls back and returns the outcome. The previous release may not work with the migrated database.
 * In this case an approver is asked first, and the new release stays live unless an approver signs
 * the rollback.
 */
async function endOf(
  rollout: Rollout,
  compensations: Compensations,
  { failure, cause }: { failure: unknown; cause: Cause },
): Promise<Outcome> {
  const signed = failure instanceof RollbackNeeded && failure.signed;
  const asks = rollout.status.sealed?.plan.forwardOnly !== undefined && !signed;
  const answer = asks ? await awaitRollbackApproval(rollout, cause) : 'rollback';
  if (answer === 'rollback') return await rollBack(rollout, compensations, cause);
  await staysAsItIs(rollout, answer, cause);
  return answer;
}

/**
 * Closes a deploy that has changed nothing in production, and reports the reason. If no plan could
 * be made, the workflow fails.
 */
async function closeUntouched(rollout: Rollout, failure: unknown): Promise<DeployReport> {
  const cancelled = isCancellation(failure);
  const { successor } = rollout.lock;
  const { outcome, reasons } = whyUntouched(rollout, failure);
  const report = reportOf(rollout.status, outcome, reasons);
  if (rollout.status.deployId === '' && !cancelled) {
    await handOver(rollout, report);
    throw failure;
  }
  rollout.close(outcome);
  if (successor && rollout.planned) rollout.notes.replaced(rollout.planned, successor.claim);
  await settleClosed(rollout, { outcome, reasons });
  await handOver(rollout, report);
  if (cancelled && !rollout.ordered) throw new CancelledFailure(reasons.join('; '));
  return report;
}

function whyUntouched(
  { lock: { successor }, ordered }: Rollout,
  failure: unknown,
): Pick<Closed, 'outcome' | 'reasons'> {
  if (failure instanceof Closed) return failure;
  const late = closedGate(failure);
  if (late) return late;
  const gaveWay = isCancellation(failure) && successor;
  const why = gaveWay ? replacedBy(successor.claim) : causeOf(failure, ordered).detail;
  return { outcome: 'aborted', reasons: [why] };
}
