import type { DeploymentState } from '../contract/activities.ts';
import type { DeployStatus } from '../deploy/plan.ts';
import { clean } from './parts/clean.ts';
import { stillFailing } from './rollback-proof.ts';

/**
 * Returns the state that GitHub shows for a deploy. GitHub has no state for a live release that was
 * never proven healthy. The state of such a release is 'error'.
 */
export function deploymentState(status: DeployStatus): {
  state: DeploymentState;
  description: string;
} {
  const { outcome } = status;
  const cause = clean(status.cause);
  if (!outcome) return { state: 'in_progress', description: 'being released' };
  if (outcome === 'succeeded') return { state: 'success', description: 'proven healthy' };
  if (outcome === 'unproven')
    return { state: 'error', description: 'live, but never proven healthy' };
  if (outcome === 'rollback-failed')
    return { state: 'error', description: `the rollback failed: ${cause?.detail ?? 'unknown'}` };
  if (outcome === 'rolled-back-still-failing')
    return { state: 'error', description: cause?.detail ?? stillFailing };
  if (outcome === 'rollback-not-approved')
    return {
      state: 'error',
      description: `the release failed and is still live: ${cause?.detail ?? 'unknown'}`,
    };
  if (outcome === 'rolled-back' && cause?.blames === 'release')
    return { state: 'failure', description: `rolled back: ${cause.detail}` };
  return {
    state: 'inactive',
    description: `${outcome}: ${cause?.detail ?? 'nothing was touched'}`,
  };
}
