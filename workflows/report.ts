import type { DeployReport, DeployStatus, Outcome } from '../domain/plan.ts';

const untouched: ReadonlySet<Outcome> = new Set(['gate-closed', 'rejected', 'expired', 'aborted']);

/** The workflow's result, out of what every screen shows. */
export function reportOf(status: DeployStatus, outcome: Outcome, reasons: string[]): DeployReport {
  const { deployId, project, environment, sealed } = status;
  return {
    deployId,
    project,
    environment,
    platform: sealed?.plan.target.platform ?? 'vps',
    sha: sealed?.plan.sha ?? null,
    outcome,
    reasons,
    touched: !untouched.has(outcome),
  };
}
