import { CancellationScope } from '@temporalio/workflow';
import type { Rollout } from './rollout.ts';

/**
 * Runs the judgement and all proofs together. The verdict counts only after every proof has
 * succeeded. A failed proof ends the judgement at once.
 */
export async function whileProving<T>(rollout: Rollout, judge: () => Promise<T>): Promise<T> {
  const judging = new CancellationScope();
  try {
    return await judging.run(async () => {
      const proofs = rollout.proofs.map((prove) => prove());
      const [verdict] = await Promise.all([judge(), ...proofs]);
      return verdict;
    });
  } catch (failure) {
    judging.cancel();
    throw failure;
  }
}

/**
 * Waits for `act` until the scope is cancelled. Ignores a result that comes later. Never cancels
 * the activity itself, because the activity only reads. Do not use the cancellation type ABANDON
 * here. With ABANDON in SDK core 1.24, a workflow stops for ever if its activity fails or times out
 * later. The other types do not have this fault. See test/replay/cancelled-activities.test.ts.
 */
export const unlessCancelled = <T>(act: () => Promise<T>): Promise<T> =>
  Promise.race([
    CancellationScope.nonCancellable(act),
    CancellationScope.current().cancelRequested,
  ]);
