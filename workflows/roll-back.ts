import { CancellationScope } from '@temporalio/workflow';
import { firstHasNoRollback } from '../domain/messages/lost-deploy.ts';
import { refOf } from '../domain/deploy/plan.ts';
import type { Cause, SealedPlan } from '../domain/deploy/plan.ts';
import { startAftermath } from './aftermath.ts';
import { Closed, isOfEndedDeploy, sentence } from './closed.ts';
import { live, proveRollback } from './platforms/index.ts';
import { recording } from './proxies.ts';
import type { Rollout } from './rollout.ts';
import { settleClosed } from './settle.ts';
import type { Compensations } from './compensations.ts';

type RollbackOutcome = 'rolled-back' | 'rolled-back-still-failing' | 'rollback-failed';

/**
 * Rolls back every host, and probes the sites to prove the rollback. Then starts the workflow
 * `aftermath`, which does not hold the lock. Even if the workflow is cancelled from outside, the
 * rollback continues.
 */
export const rollBack = (
  rollout: Rollout,
  compensations: Compensations,
  cause: Cause,
): Promise<RollbackOutcome> =>
  CancellationScope.nonCancellable(async () => {
    const { plan } = rollout.status.sealed as SealedPlan;
    rollout.enter('rollback', { cause, stuck: null });
    const { warrant } = plan;
    const deploy = refOf(plan);
    rollout.notes.aside('rolling-back', () => recording.declareRollback({ deploy, warrant }));
    rollout.notes.parent(rollout.status);
    const outcome = await rollBackHosts(rollout, compensations, plan);
    rollout.close(outcome);
    // If the rollback target fails as well, only the newer cause says so.
    const found = outcome === 'rolled-back-still-failing' ? rollout.status.cause : cause;
    await startAftermath(rollout.status, { plan, cause: found ?? cause, outcome });
    await settleClosed(rollout);
    return outcome;
  });

async function rollBackHosts(
  rollout: Rollout,
  compensations: Compensations,
  plan: SealedPlan['plan'],
): Promise<RollbackOutcome> {
  const giveUpMs = plan.timing.rollbackGiveUpMs;
  try {
    if (!plan.rollbackTarget)
      throw new Closed('rollback-failed', [plan.noReturn ?? firstHasNoRollback]);
    const atOnce = rollout.status.cause?.blames === 'release';
    await compensations.unwind(
      (name, act) => rollout.runRollbackStep(name, () => live(rollout, act), giveUpMs),
      { atOnce },
    );
    const failing = await proveRollback(rollout, plan);
    if (failing === null) return 'rolled-back';
    rollout.show({ cause: { ...(rollout.status.cause as Cause), detail: failing } });
    return 'rolled-back-still-failing';
  } catch (failure) {
    if (isOfEndedDeploy(failure)) throw failure;
    const cause = { ...(rollout.status.cause as Cause), detail: sentence(failure) };
    rollout.show({ stuck: null, cause });
    rollout.notes.page(rollout.status);
    return 'rollback-failed';
  }
}
