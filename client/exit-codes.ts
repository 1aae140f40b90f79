import type { DeployReport, Outcome } from '../domain/plan.ts';

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
  interrupted: 130,
} as const;

const byOutcome: Record<Outcome, number> = {
  succeeded: exitCodes.ok,
  unproven: exitCodes.unproven,
  rejected: exitCodes.unproven,
  expired: exitCodes.unproven,
  'gate-closed': exitCodes.gateClosed,
  'rolled-back': exitCodes.rolledBack,
  aborted: exitCodes.failed,
  'restore-failed': exitCodes.failed,
  frozen: exitCodes.failed,
};

/** An outcome of a newer worker is never a success. Replaced: another commit is what waits there now. */
export const exitCodeOf = ({
  outcome,
  replacedBy,
}: Pick<DeployReport, 'outcome' | 'replacedBy'>): number =>
  replacedBy ? exitCodes.targetChanged : (byOutcome[outcome] ?? exitCodes.failed);
