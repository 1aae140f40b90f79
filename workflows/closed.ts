import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { failures, finalFailures } from '../domain/deploy/failures.ts';
import { cancelledOutside, historyHalfFull, personSent } from '../domain/messages/order.ts';
import { flagCause } from '../domain/incident/flag.ts';
import type { Cause, Outcome, UserFlag } from '../domain/deploy/plan.ts';

/**
 * Thrown to end the deploy on purpose with the outcome `outcome`. The workflow always catches this
 * error.
 */
export class Closed extends Error {
  override name = 'Closed' as const;
  readonly outcome: Outcome;
  readonly reasons: string[];

  constructor(outcome: Outcome, reasons: string[]) {
    super(reasons.join('; '));
    this.outcome = outcome;
    this.reasons = reasons;
  }
}

/** Thrown to start a rollback. */
export class RollbackNeeded extends Error {
  override name = 'RollbackNeeded' as const;
  readonly why: Cause;
  /** True if an approver signed the rollback. */
  readonly signed: boolean;

  constructor(why: Cause, { signed = false } = {}) {
    super(why.detail);
    this.why = why;
    this.signed = signed;
  }
}

/**
 * Returns the ApplicationFailure inside the failure of an activity. Returns null if there is none.
 */
function applicationFailure(failure: unknown): ApplicationFailure | null {
  const inner = failure instanceof ActivityFailure ? failure.cause : failure;
  return inner instanceof ApplicationFailure ? inner : null;
}

/**
 * Returns a Closed error if an activity found a gate closed right before the first effect.
 * Otherwise, returns null.
 */
export const closedGate = (failure: unknown): Closed | null =>
  applicationFailure(failure)?.type === failures.gateClosed
    ? new Closed('gate-closed', [sentence(failure)])
    : null;

/**
 * Returns true if the ledger says that the deploy is closed. In this case a reset started this run,
 * and the run must end.
 */
export const isOfEndedDeploy = (failure: unknown): boolean =>
  applicationFailure(failure)?.type === failures.ended;

/**
 * Returns true if the deploy is open, but belongs to another run. In this case a reset started this
 * run, and a recovery must end the deploy.
 */
export const isOfAnotherRun = (failure: unknown): boolean =>
  applicationFailure(failure)?.type === failures.ofAnotherRun;

export const isUnhealthyRollback = (failure: unknown): boolean =>
  applicationFailure(failure)?.type === failures.unhealthyRollback;

export function isFinal(failure: unknown): boolean {
  const type = applicationFailure(failure)?.type;
  return (
    failure instanceof Closed ||
    failure instanceof RollbackNeeded ||
    finalFailures.includes(type ?? '')
  );
}

/**
 * Returns the message of the innermost cause, for people. After a timeout or after the loss of a
 * worker, only the innermost cause says what happened.
 */
export function sentence(failure: unknown): string {
  let inner: unknown = failure;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}

/** Returns the reason for the rollback. `blames` is the release, the platform or a person. */
export function causeOf(
  failure: unknown,
  ordered: 'abort' | 'rollback' | 'flood' | null,
  flag?: UserFlag,
): Cause {
  if (failure instanceof RollbackNeeded) return failure.why;
  if (isCancellation(failure)) {
    if (ordered === 'flood') return { kind: 'flood', blames: 'platform', detail: historyHalfFull };
    if (flag && ordered === 'rollback') return flagCause(flag, personSent('rollback'));
    const detail = ordered ? personSent(ordered) : cancelledOutside;
    return { kind: ordered ?? 'cancel', blames: 'person', detail };
  }
  const unhealthy = applicationFailure(failure)?.type === failures.unhealthyRelease;
  return unhealthy
    ? { kind: 'start-up', blames: 'release', detail: sentence(failure) }
    : { kind: 'platform', blames: 'platform', detail: sentence(failure) };
}
