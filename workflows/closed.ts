import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { failures, finalFailures } from '../domain/failures.ts';
import { flagCause } from '../domain/policy/flag.ts';
import type { Cause, Outcome, UserFlag } from '../domain/plan.ts';

/** The saga ends here, on purpose, with this outcome; it never leaves the workflow. */
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

/** The release or a person calls for the way back. */
export class GoBack extends Error {
  override name = 'GoBack' as const;
  readonly why: Cause;
  /** An approver signed that it goes back. */
  readonly signed: boolean;

  constructor(why: Cause, { signed = false } = {}) {
    super(why.detail);
    this.why = why;
    this.signed = signed;
  }
}

/** The ApplicationFailure inside an activity's failure, if there is one. */
export function applicationFailure(failure: unknown): ApplicationFailure | null {
  const inner = failure instanceof ActivityFailure ? failure.cause : failure;
  return inner instanceof ApplicationFailure ? inner : null;
}

/** A gate that an activity found closed right before the first effect. */
export const closedGate = (failure: unknown): Closed | null =>
  applicationFailure(failure)?.type === failures.gateClosed
    ? new Closed('gate-closed', [sentence(failure)])
    : null;

export function isFinal(failure: unknown): boolean {
  const type = applicationFailure(failure)?.type;
  return (
    failure instanceof Closed || failure instanceof GoBack || finalFailures.includes(type ?? '')
  );
}

/** One sentence for people. Timeouts and lost workers name themselves in the innermost cause. */
export function sentence(failure: unknown): string {
  let inner: unknown = failure;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}

/** Why the way back is taken, and whom it blames. */
export function causeOf(
  failure: unknown,
  ordered: 'abort' | 'rollback' | null,
  flag?: UserFlag,
): Cause {
  if (failure instanceof GoBack) return failure.why;
  if (isCancellation(failure)) {
    if (flag && ordered === 'rollback') return flagCause(flag, 'a person sent rollback');
    const detail = ordered ? `a person sent ${ordered}` : 'cancelled from outside';
    return { kind: ordered ?? 'cancel', blames: 'person', detail };
  }
  const unhealthy = applicationFailure(failure)?.type === failures.unhealthyRelease;
  return unhealthy
    ? { kind: 'start-up', blames: 'release', detail: sentence(failure) }
    : { kind: 'platform', blames: 'platform', detail: sentence(failure) };
}
