import type { DeployReport, Outcome } from '../domain/deploy/plan.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unproven: 3,
  notAllowed: 4,
  rolledBack: 5,
  targetChanged: 6,
  gateClosed: 7,
  running: 8,
  stillFailing: 9,
  interrupted: 130,
} as const;

const byOutcome: Record<Outcome, number> = {
  succeeded: exitCodes.ok,
  unproven: exitCodes.unproven,
  rejected: exitCodes.unproven,
  expired: exitCodes.unproven,
  'gate-closed': exitCodes.gateClosed,
  'rolled-back': exitCodes.rolledBack,
  'rolled-back-still-failing': exitCodes.stillFailing,
  aborted: exitCodes.failed,
  'rollback-failed': exitCodes.failed,
  'rollback-not-approved': exitCodes.failed,
};

/**
 * Returns the exit code of a closed deploy. If another deploy replaced this deploy, the exit code
 * is `targetChanged`. A newer worker may send an outcome that this client does not know. Such an
 * outcome counts as failed.
 */
export const exitCodeOf = ({
  outcome,
  replacedBy,
}: Pick<DeployReport, 'outcome' | 'replacedBy'>): number =>
  replacedBy ? exitCodes.targetChanged : (byOutcome[outcome] ?? exitCodes.failed);
