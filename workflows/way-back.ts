import { CancellationScope } from '@temporalio/workflow';
import type { Cause, SealedPlan } from '../domain/plan.ts';
import { startAftermath } from './aftermath.ts';
import { Closed, sentence } from './closed.ts';
import { proveRestored } from './platforms/index.ts';
import type { Rollout } from './rollout.ts';
import { settleClosed } from './settle.ts';
import type { UndoStack } from './undo.ts';

type Restored = 'rolled-back' | 'restore-failed';

/**
 * Restore every host, prove it by probing, and leave what follows to a workflow that holds no slot. A cancel
 * from outside stops nothing of it.
 */
export const wayBack = (rollout: Rollout, undo: UndoStack, cause: Cause): Promise<Restored> =>
  CancellationScope.nonCancellable(async () => {
    const { plan } = rollout.status.sealed as SealedPlan;
    rollout.enter('restore', { cause, stuck: null });
    rollout.notes.parent(rollout.status);
    const outcome = await restore(rollout, undo, plan);
    rollout.close(outcome);
    await startAftermath(rollout.status, { plan, cause, outcome });
    await settleClosed(rollout);
    return outcome;
  });

async function restore(
  rollout: Rollout,
  undo: UndoStack,
  plan: SealedPlan['plan'],
): Promise<Restored> {
  const patience = plan.timing.restoreGiveUpMs;
  try {
    if (!plan.restoreTo)
      throw new Closed('restore-failed', [plan.noReturn ?? 'a first deploy has no way back']);
    const atOnce = rollout.status.cause?.blames === 'release';
    await undo.unwind((name, act) => rollout.insist(name, act, patience), { atOnce });
    await proveRestored(rollout, plan);
    return 'rolled-back';
  } catch (failure) {
    const cause = { ...(rollout.status.cause as Cause), detail: sentence(failure) };
    rollout.show({ stuck: null, cause });
    rollout.notes.page(rollout.status);
    return 'restore-failed';
  }
}
