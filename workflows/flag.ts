import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Rollout } from './rollout.ts';

/**
 * Judges the release until a person flags the release. A flag stops the judgement, and people
 * decide. A flag that came earlier, in the phase `release`, has the same effect.
 */
export async function unlessFlagged<T>(
  rollout: Rollout,
  judge: () => Promise<T>,
  awaitDecision: () => Promise<T>,
): Promise<T> {
  const judging = new CancellationScope();
  rollout.onFlag = () => judging.cancel();
  try {
    return await judging.run(async () => {
      if (rollout.status.flags?.length) judging.cancel();
      return await judge();
    });
  } catch (failure) {
    const interrupted = isCancellation(failure) && rollout.status.flags?.length;
    if (!interrupted || CancellationScope.current().consideredCancelled) throw failure;
    return await awaitDecision();
  } finally {
    rollout.onFlag = null;
  }
}
