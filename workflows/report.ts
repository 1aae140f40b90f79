import { unplanned } from '../domain/platforms/index.ts';
import type { DeployReport, DeployStatus, Outcome } from '../domain/deploy/plan.ts';

const untouched: ReadonlySet<Outcome> = new Set(['gate-closed', 'rejected', 'expired', 'aborted']);

/** Returns the result of the workflow. The result contains the facts that every screen shows. */
export function reportOf(status: DeployStatus, outcome: Outcome, reasons: string[]): DeployReport {
  const { deployId, project, environment, sealed } = status;
  return {
    deployId,
    project,
    environment,
    platform: sealed?.plan.target.platform ?? unplanned,
    sha: sealed?.plan.sha ?? null,
    outcome,
    reasons,
    touched: !untouched.has(outcome),
  };
}
