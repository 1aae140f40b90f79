import { CancelledFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Cause, DeployReport, Outcome, Plan } from '../domain/plan.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { replacedBy } from '../domain/policy/supersede.ts';
import { awaitApproval } from './approval.ts';
import { ask } from './ask.ts';
import { causeOf, Closed, closedGate, GoBack } from './closed.ts';
import { freeze, staysAsItIs } from './frozen.ts';
import { unlessFlagged } from './flag.ts';
import { handOver } from './hand-over.ts';
import { makePlan, preflight, seal } from './preflight.ts';
import { mayTouch } from './may-touch.ts';
import { whileProving } from './proofs.ts';
import { release } from './platforms/index.ts';
import { reading } from './proxies.ts';
import { reportOf } from './report.ts';
import { Rollout } from './rollout.ts';
import { settle, settleClosed } from './settle.ts';
import { smoke } from './smoke.ts';
import { UndoStack } from './undo.ts';
import { watch } from './watch.ts';
import { wayBack } from './way-back.ts';

/**
 * plan ─ preflight ─ approval ─ release ─ smoke ─ watch ─ settle
 *                                  │        │       │
 *                                  └────────┴───────┴──▶ restore ─ prove ─▶ aftermath (own workflow)
 *
 * Closed before the first effect: nothing was touched. After it: fully new, fully old, or stuck with a person called.
 */
export async function deploy(
  signed: SignedRequest,
  /** Who asked for the slot already when it was handed over. */
  waiting: unknown[] = [],
): Promise<DeployReport> {
  const rollout = new Rollout(signed.request, waiting);
  const undo = new UndoStack();
  let outcome: Outcome;
  try {
    outcome = await rollout.forward(() => voyage(rollout, undo, signed));
  } catch (failure) {
    return undo.touched
      ? await goBack(rollout, undo, failure)
      : await closeUntouched(rollout, failure);
  }
  // Outside the try: a ledger that fails now must not take a proven release back.
  await settle(rollout, outcome);
  await rollout.answered();
  return reportOf(rollout.status, outcome, []);
}

async function voyage(rollout: Rollout, undo: UndoStack, signed: SignedRequest): Promise<Outcome> {
  const { runId } = workflowInfo();
  const plan = await makePlan(rollout, { signed, runId, record: true });
  const gates = await preflight(rollout, plan);
  const sealed = await seal(rollout, plan, gates);
  const approvals = await awaitApproval(rollout, sealed);
  await reading.verifyApprovals({ sealed, signed: approvals });
  await release(rollout, undo, { plan, mayTouch: () => mayTouch(rollout, sealed, approvals) });
  const judged = () =>
    unlessFlagged(
      rollout,
      () => judge(rollout, plan),
      () => ask(rollout, plan),
    );
  return await whileProving(rollout, judged);
}

async function judge(rollout: Rollout, plan: Plan): Promise<Outcome> {
  return (await smoke(rollout, plan)) ?? (await watch(rollout, plan));
}

/** Fully old again, or a person called. A cancel from outside stays a cancel. */
async function goBack(rollout: Rollout, undo: UndoStack, failure: unknown): Promise<DeployReport> {
  const cause = causeOf(failure, rollout.ordered, rollout.status.flags?.[0]);
  const outcome = await endOf(rollout, undo, { failure, cause });
  await rollout.answered();
  if (isCancellation(failure) && !rollout.ordered) throw failure;
  return reportOf(rollout.status, outcome, [cause.detail]);
}

/** Across a schema that the release before may not stand, the way back is a person's to sign. */
async function endOf(
  rollout: Rollout,
  undo: UndoStack,
  { failure, cause }: { failure: unknown; cause: Cause },
): Promise<Outcome> {
  const signed = failure instanceof GoBack && failure.signed;
  const asks = rollout.status.sealed?.plan.forwardOnly !== undefined && !signed;
  const answer = asks ? await freeze(rollout, cause) : 'back';
  if (answer === 'back') return await wayBack(rollout, undo, cause);
  await staysAsItIs(rollout, answer, cause);
  return answer;
}

/** Nothing reached production: the reason is the whole story. A request that cannot be planned fails the workflow. */
async function closeUntouched(rollout: Rollout, failure: unknown): Promise<DeployReport> {
  const cancelled = isCancellation(failure);
  const { successor } = rollout.slot;
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
  { slot: { successor }, ordered }: Rollout,
  failure: unknown,
): Pick<Closed, 'outcome' | 'reasons'> {
  if (failure instanceof Closed) return failure;
  const late = closedGate(failure);
  if (late) return late;
  const gaveWay = isCancellation(failure) && successor;
  const why = gaveWay ? replacedBy(successor.claim) : causeOf(failure, ordered).detail;
  return { outcome: 'aborted', reasons: [why] };
}
