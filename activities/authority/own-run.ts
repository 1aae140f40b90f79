import type { Place } from '../../domain/deploy/place.ts';
import { deployId as workflowIdOf } from '../../domain/deploy/wire.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { hasEnded } from '../records/reconcile.ts';
import type { GuardDeps } from './guard-types.ts';
import { refused } from './warrant.ts';

/**
 * Checks that the caller may end the deploy. The caller must be the run of the deploy, or a
 * recovery after this run has ended.
 */
export async function inItsRun(
  { executionOf }: GuardDeps,
  { project, environment, runId }: Place & { runId: string },
) {
  if (currentRun() === runId) return;
  if (!executionOf || !hasEnded(await executionOf(workflowIdOf(project, environment), runId)))
    throw refused('the run of this deploy still runs, and only this run may end the deploy');
}
